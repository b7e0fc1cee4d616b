/**
 * The interface of the data thread: implemented in `src/session`, exposed by `workers/*.worker.ts`, called by `src/clients`.
 * Callbacks cross as comlink proxies; events are batched. Errors keep `name` and `message` only.
 */
import type {
	EvaluationTask,
	FileTaskChoice,
	FileTasks,
	OwnTaskChoice,
	TrainedCount,
} from './evaluation.ts';
import type { LeftOut } from './leftOut.ts';
import type { ColumnMapping } from './library.ts';
import type { Progress } from './progress.ts';
import type { AlignedLines, ScoreFiles, TextMetric, TextScore } from './scoring.ts';
import type { DataSpec } from './spec.ts';
import type { TokenBlock } from './training.ts';

/** What a data file holds, before it is imported. */
export interface DatasetPreview {
	readonly rows: number;
	readonly columns: readonly string[];
	/** Best guess; the user may change it. */
	readonly mapping: ColumnMapping | null;
	/** What the mapping asked for, else the guess, makes of the rows; null without one, or where there is a problem. */
	readonly made: MadeRows | null;
	/** Why that mapping cannot be imported, or none can be guessed; null: it can. */
	readonly problem: string | null;
	/** First rows as column -> text. */
	readonly sample: readonly Readonly<Record<string, string>>[];
}

export interface MadeRows {
	readonly chats: boolean;
	readonly leftOut: LeftOut;
	/** The first row as the chat template of the model lays it out; null where it is no chat, or there is no template. */
	readonly first: string | null;
}

/** A row as the model sees it. */
export interface RenderedRow {
	readonly text: string;
	/** What is graded: [from, to) in UTF-16 units. */
	readonly graded: readonly (readonly [number, number])[];
}

export interface PreparedData {
	readonly train: TokenBlock;
	readonly heldOut: TokenBlock | null;
	/** Rows used, tokens before cutting, rows that were cut to `rowTokens`. */
	readonly rows: number;
	readonly tokens: number;
	readonly cutRows: number;
	/** What else is to be told of the rows. */
	readonly notes?: readonly string[];
	/** Rows, held-out ones too, of which nothing is learned or measured. */
	readonly leftOut: LeftOut;
}

/** A file of a folder. */
export interface FolderFile {
	/** Within the folder, with `/`. */
	readonly path: string;
	readonly file: File;
}

/** What a tokenizer makes of a text. */
export interface TokenizedText {
	readonly text: string;
	/** Behind the begin-of-sequence token where the tokenizer puts one in front. */
	readonly ids: readonly number[];
	/** The ids as the vocabulary spells them. */
	readonly pieces: readonly string[];
	/** Of the text alone. */
	readonly tokens: number;
	/** Runs of characters between spaces. */
	readonly words: number;
	/** Code points. */
	readonly characters: number;
}

/** Files -> rows -> tokens -> packed sequences. */
export interface DataApi {
	/** A chat is laid out by the template of the stored model `modelId`, where there is one. */
	preview(file: File, mapping?: ColumnMapping, modelId?: string): Promise<DatasetPreview>;
	/** Tokenises with the tokenizer of the stored model `modelId`, in the order of the file. */
	prepare(
		modelId: string,
		data: DataSpec,
		onProgress: (progress: Progress) => void,
	): Promise<PreparedData>;
	/**
	 * Parses a CSV, JSON(L) or Parquet table or lines of text (texts to measure, NusaX files) into rows of column -> text;
	 * cells with nothing in them are left out. Rejects with `BadInput` naming row and column where one of `columns` holds
	 * something else than text and numbers; other columns of that kind are left out as a whole.
	 */
	table(
		file: File,
		columns?: readonly string[],
	): Promise<readonly Readonly<Record<string, string>>[]>;
	/**
	 * Evaluation tasks out of a folder's files: `wendler/langs/<en|de|zh|ru|fr|jv|su>/clean.csv` (without jv or su the
	 * lab's own list), `nusax/mt/{train,test}.csv`, `nusax/sentiment/<language>/{train,test}.csv`, and
	 * `indommlu/IndoMMLU.csv`, `.parquet` or `indommlu/indommlu_subset_<jv|su>.csv`; for `retention` also
	 * `alpaca/alpaca_data.json` or `alpaca_5000.json`. Rejects with `BadInput` naming file,
	 * row and column, or the task that has too few items for the examples it shows.
	 */
	fileTasks(files: readonly FolderFile[], choice: FileTaskChoice): Promise<FileTasks>;
	/**
	 * Evaluation tasks, both ways where there are two languages, of a table of one's own and of one with examples (null:
	 * the rows are examples to one another, where the task allows it). Rejects as `fileTasks` does.
	 */
	ownTask(train: File | null, test: File, choice: OwnTaskChoice): Promise<FileTasks>;
	/**
	 * How many items of each task stand in the rows that a run with this data was trained on (tasks/trainedItems.ts); null for
	 * tasks without texts. Rejects with `NotFound` where the dataset is not stored any more.
	 */
	trainedItems(
		data: DataSpec,
		tasks: readonly EvaluationTask[],
	): Promise<readonly (TrainedCount | null)[]>;
	/** Scores lines against references. Rejects with `BadInput` naming file and line. */
	score(metric: TextMetric, files: ScoreFiles): Promise<TextScore>;
	/** The lines of files for COMET, as many of each. Rejects as `score` does. */
	alignedLines(files: ScoreFiles): Promise<AlignedLines>;
	/**
	 * Texts with the tokenizer of two files, tokenizer.json and tokenizer_config.json (null: there is none). Rejects with
	 * `BadInput` naming file and part.
	 */
	tokenize(
		tokenizer: File,
		config: File | null,
		texts: readonly string[],
	): Promise<readonly TokenizedText[]>;
	/** One row as the template lays it out, for the preview; `chat` is the one of the stored model. */
	render(modelId: string, data: DataSpec, row: number): Promise<RenderedRow>;
}
