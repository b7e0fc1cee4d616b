/**
 * The interface of every worker thread: implemented in `src/session`, exposed by `workers/*.worker.ts`, called by
 * `src/clients`. Callbacks cross as comlink proxies; events are batched. Errors keep `name` and `message` only.
 */
import type { CometItem, CometSource, CometSummary } from './comet.ts';
import type {
	EvaluationProgress,
	EvaluationRequest,
	EvaluationTask,
	FileTaskChoice,
	FileTasks,
	MetricRow,
	NamedPrediction,
	OwnTaskChoice,
	Prediction,
	TrainedCount,
} from './evaluation.ts';
import type { LensChart, LensRequest } from './lens.ts';
import type { LeftOut } from './leftOut.ts';
import type { ColumnMapping, DatasetRecord, Library, ModelRecord, RunDetail } from './library.ts';
import type {
	BroughtBack,
	FoundLibrary,
	LibrarySource,
	MirrorState,
	SavedLibrary,
} from './mirror.ts';
import type { ModelSource, ModelSummary } from './model.ts';
import type { AlignedLines, ScoreFiles, TextMetric, TextScore } from './scoring.ts';
import type { LayerScores, ScoreRequest } from './selection.ts';
import type { WeightFormat } from './precision.ts';
import type { DataSpec, RunSpec } from './spec.ts';
import type {
	Calibration,
	RunForecast,
	TokenBlock,
	TrainingEvent,
	TrainJob,
	TrainOutcome,
} from './training.ts';
import type { VerificationReport } from './verification.ts';

export interface Progress {
	readonly done: number;
	readonly total: number;
	readonly label: string;
}

export interface DeviceReport {
	readonly backend: 'webgpu' | 'wasm' | 'reference';
	readonly adapter: string;
	readonly software: boolean;
	/** Why this backend was taken, in words for the user. */
	readonly reason: string;
	/** Kernels that gave wrong values on this adapter, and what; their plain variants run instead. Absent: none. */
	readonly replaced?: readonly string[];
}

export interface GenerateRequest {
	readonly weights: 'base' | 'current';
	readonly prompt: string;
	readonly maximumTokens: number;
	/** 0 = greedy. */
	readonly temperature: number;
	readonly topP: number;
	readonly seed: number;
}

/** Owns the device: training, generation, evaluation. One job at a time. */
export interface TrainerApi {
	/**
	 * Chooses and starts a backend: `auto` takes WebGPU on a hardware adapter, else WASM. `threads`: of WASM, default
	 * all; 1 where several trainers run side by side.
	 */
	start(backend: 'auto' | 'webgpu' | 'wasm', threads?: number): Promise<DeviceReport>;
	/**
	 * Reads weights onto the device, replacing a loaded model. Matrices are kept in `format`, default f32, until a run
	 * asks for another.
	 */
	load(
		source: ModelSource,
		untie: boolean,
		onProgress: (progress: Progress) => void,
		format?: WeightFormat,
	): Promise<ModelSummary>;
	/** The same with an adapter in PEFT's format on it (`current`), in f32. */
	loadAdapted(
		source: ModelSource,
		adapter: Exclude<ModelSource, { kind: 'stored' }>,
		onProgress: (progress: Progress) => void,
	): Promise<ModelSummary>;
	/**
	 * From now on models and runs that need more bytes are refused before anything is allocated; null: only those that
	 * exceed what is known of the device, WASM's heap. No browser tells what a graphics card has.
	 */
	limitMemory(bytes: number | null): Promise<void>;
	/** Parameters, bytes and work of a spec on the loaded model; nothing is allocated. */
	forecast(spec: RunSpec): Promise<RunForecast>;
	/** Makes a few updates of the run for their time only; nothing is stored, and what was trained before is put away. */
	calibrate(job: Pick<TrainJob, 'spec' | 'train'>): Promise<Calibration>;
	/** Trains, or resumes from the newest stored checkpoint of `job.runId`. Resolves when finished or stopped. */
	train(job: TrainJob, onEvents: (events: TrainingEvent[]) => void): Promise<TrainOutcome>;
	pause(): Promise<void>;
	resume(): Promise<void>;
	/** While paused: runs one update. */
	step(): Promise<void>;
	/** Ends training after the running update; a checkpoint is written. */
	stop(): Promise<void>;
	/** Puts the weights of a stored run's newest checkpoint in place (`current`). */
	restore(runId: string): Promise<void>;
	generate(request: GenerateRequest, onText: (text: string) => void): Promise<string>;
	/** Rows in the order of the tasks; `onPredictions` is called once, before it resolves. */
	evaluate(
		request: EvaluationRequest,
		onProgress: (progress: EvaluationProgress) => void,
		onPredictions?: (predictions: readonly Prediction[]) => void | Promise<void>,
	): Promise<MetricRow[]>;
	/** What each layer says when words are to be translated: a chart for each set of words, in their order. */
	lens(request: LensRequest, onProgress: (progress: Progress) => void): Promise<LensChart[]>;
	/** Scores the layers of the loaded model as its files have it, whatever was trained. */
	scoreLayers(
		request: ScoreRequest,
		onProgress: (progress: Progress) => void,
	): Promise<LayerScores>;
	/** Ends a running generation, evaluation or scoring at the next batch; it rejects with `Cancelled`. */
	cancel(): Promise<void>;
	/** Compares the loaded model, with its adapter where it has one, with a reference file (JSON text). */
	verify(reference: string, onProgress: (progress: Progress) => void): Promise<VerificationReport>;
	/**
	 * Reads a COMET estimator onto the device, beside the model and in place of an estimator loaded before. From then on
	 * translations are scored with it. `cancel` gives it up.
	 */
	loadComet(source: CometSource, onProgress: (progress: Progress) => void): Promise<CometSummary>;
	/** COMET of each item; embeddings of sources and references are kept for the next call. Can be cancelled. */
	scoreComet(
		items: readonly CometItem[],
		onProgress: (progress: Progress) => void,
	): Promise<readonly number[]>;
	/** Compares the loaded estimator with a reference file (JSON text). */
	verifyComet(
		reference: string,
		onProgress: (progress: Progress) => void,
	): Promise<VerificationReport>;
}

/** Works out spectra for heavy-tail scores; holds nothing between calls. */
export interface SpectrumApi {
	/** Eigenvalues, ascending, of a symmetric matrix [size, size] of finite numbers. */
	eigenvalues(matrix: Float32Array, size: number): Promise<Float64Array>;
}

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

/** A new language of the demo, and the seed of its paired words and texts. */
export interface DemoChoice {
	readonly language: DemoLanguageId;
	readonly seed: number;
	/** `choose`: items recipes are compared on; `report`: the items of every figure that is shown. */
	readonly draw: 'choose' | 'report';
}

export type DemoLanguageId = 'javanese' | 'sundanese';

export interface DemoLanguage {
	readonly dataset: DatasetRecord;
	/** A few words in both directions: the live curve. */
	readonly probe: readonly EvaluationTask[];
	/** Everything the table shows. */
	readonly final: readonly EvaluationTask[];
}

/** The one owner of imports, listings, deletion and export. */
export interface StoreApi {
	library(): Promise<Library>;
	/** The user has taken note that an earlier library was lost. */
	forgetLost(): Promise<void>;
	/** Asks the browser to keep the data; true if it will. */
	persist(): Promise<boolean>;
	/** Checks and copies a Hugging Face folder. Rejects with `BadInput` naming file and tensor. */
	importModel(
		name: string,
		files: readonly File[],
		onProgress: (progress: Progress) => void,
	): Promise<ModelRecord>;
	importDataset(name: string, file: File, mapping: ColumnMapping): Promise<DatasetRecord>;
	/** Stores the bundled model; the second call finds it. */
	importDemoModel(onProgress: (progress: Progress) => void): Promise<ModelRecord>;
	/** Writes the texts of one new language into a dataset; the same choice gives the same dataset. */
	importDemoLanguage(choice: DemoChoice): Promise<DemoLanguage>;
	run(id: string): Promise<RunDetail>;
	saveResults(runId: string, rows: readonly MetricRow[]): Promise<void>;
	/** Keeps the answers to one task with their run, in place of earlier ones. */
	saveAnswers(runId: string, predictions: readonly NamedPrediction[]): Promise<void>;
	/** All answers that are kept with a run. */
	answers(runId: string): Promise<NamedPrediction[]>;
	/** Keeps what a list of tasks (`tasksId`) gave on a run, or on a model that nothing was trained of. */
	saveFinal(owner: string, tasks: string, rows: readonly MetricRow[]): Promise<void>;
	/** What `saveFinal` kept; null where there is none. */
	final(owner: string, tasks: string): Promise<readonly MetricRow[] | null>;
	/** Deletes what `saveFinal` kept, so that it is measured again. */
	forgetFinals(owner: string): Promise<void>;
	/**
	 * Every tensor the run changed: safetensors with Hugging Face names; of LoRA a tar archive of the folder
	 * (adapter_config.json, adapter_model.safetensors) that PEFT loads. Named after the run, with its extension.
	 */
	exportRun(id: string): Promise<File>;
	/** Deletes and collects bytes nothing refers to. A model or dataset that runs still need is refused by name. */
	deleteModel(id: string): Promise<void>;
	deleteDataset(id: string): Promise<void>;
	deleteRun(id: string): Promise<void>;
	mirror(): Promise<MirrorState>;
	/** `told` hears of every change of the mirror's state from now on. */
	watchMirror(told: (state: MirrorState) => void): Promise<void>;
	/** Keeps the mirror in a folder the user chose, in one of the browser's own, or nowhere. */
	keepMirrorIn(place: FileSystemDirectoryHandle | 'browser' | 'off'): Promise<MirrorState>;
	/** The chosen folder: only the page may ask the browser for permission to write there. */
	mirrorFolder(): Promise<FileSystemDirectoryHandle | null>;
	/** Copies what changed at once. */
	mirrorNow(): Promise<MirrorState>;
	/** What a library of files holds. Rejects with `BadInput` where there is none. */
	lookAtLibrary(source: LibrarySource): Promise<FoundLibrary>;
	/** Takes everything the library lacks or has less of; what is damaged is named and passed over. */
	bringBack(source: LibrarySource, onProgress: (progress: Progress) => void): Promise<BroughtBack>;
	/**
	 * Writes records, datasets and, if asked for, newest checkpoints into one tar archive: to the file `into`, or, where
	 * that is null, into one that is handed back. Models are in it by name only.
	 */
	saveLibrary(
		checkpoints: boolean,
		into: FileSystemFileHandle | null,
		onProgress: (progress: Progress) => void,
	): Promise<{ readonly saved: SavedLibrary; readonly file: File | null }>;
}
