/** What can be measured on a model, and the flat rows that come back. */

/** Texts of one language, for the loss per token. */
export interface TextSet {
	readonly language: string;
	readonly texts: readonly string[];
}

export interface SentimentExample {
	readonly text: string;
	readonly label: string;
}

export interface SentimentSet {
	readonly language: string;
	/** Few-shot examples are drawn from here. */
	readonly train: readonly SentimentExample[];
	readonly test: readonly SentimentExample[];
}

/** What one concept is called in two languages. */
export interface WordPair {
	/** Its English word, as in Wendler's lists; null where it is not known. */
	readonly english: string | null;
	/** Accepted forms, the usual one first; at least one. */
	readonly source: readonly string[];
	readonly target: readonly string[];
}

/** Words to translate from one language into another. */
export interface WordSet {
	/** E.g. `Javanese to English`. */
	readonly subject: string;
	/** What prompts call the languages, e.g. `Basa Jawa`. */
	readonly sourceName: string;
	readonly targetName: string;
	/** ISO 639-1, e.g. `jv`. */
	readonly sourceCode: string;
	readonly targetCode: string;
	readonly pairs: readonly WordPair[];
}

/** Sentences in two languages. */
export interface TranslationPair {
	readonly source: string;
	readonly target: string;
}

export interface TranslationSet {
	/** E.g. `English to Javanese`. */
	readonly subject: string;
	/** What prompts call the languages. */
	readonly sourceName: string;
	readonly targetName: string;
	/** Few-shot examples are drawn from here. */
	readonly train: readonly TranslationPair[];
	readonly test: readonly TranslationPair[];
}

/** A multiple-choice question, with what its prompt says. */
export interface ExamQuestion {
	/** E.g. `Bahasa Jawa`. */
	readonly subject: string;
	/** School and class, e.g. `SD` and `4`; empty where they are not known. */
	readonly level: string;
	readonly grade: string;
	readonly question: string;
	/** One line for each option: `A. ...`. */
	readonly options: string;
	/** Letters of the options, e.g. A, B, C. */
	readonly letters: readonly string[];
	/** The right one of them. */
	readonly key: string;
}

export interface ExamSet {
	/** E.g. `Bahasa Jawa, SD`. */
	readonly subject: string;
	readonly questions: readonly ExamQuestion[];
	/** Few-shot examples are drawn from here; null: from the other questions. */
	readonly shots: readonly ExamQuestion[] | null;
}

/** A prompt (few-shot examples included, begin-of-sequence is put before it) and the text expected after it. */
export interface GenerationItem {
	readonly prompt: string;
	/** Expected up to the next newline. */
	readonly answer: string;
}

/** A prompt and the texts that may follow it, appended as they are. */
export interface ChoiceItem extends GenerationItem {
	/** `answer` is one of them. */
	readonly options: readonly string[];
}

/** What a task is about, for tables and charts. */
export interface TaskName {
	/** E.g. `words`, `sentences`, `sentiment`, `choice`, `relation`. */
	readonly name: string;
	/** E.g. `Javanese to English`, `Javanese`. */
	readonly subject: string;
}

export type EvaluationTask =
	/** Greedy continuation up to a newline: exact match and token F1. */
	| ({ readonly kind: 'generation'; readonly items: readonly GenerationItem[] } & TaskName)
	/** The option with the largest sum of log p: accuracy and macro-F1 over the answers. */
	| ({ readonly kind: 'choice'; readonly items: readonly ChoiceItem[] } & TaskName)
	/** Loss per token of texts; sequences are scored one text at a time, begin-of-sequence first. */
	| { readonly kind: 'text-loss'; readonly set: TextSet }
	/** Loss per target token of prepared sequences (the held-out part of a dataset). */
	| {
			readonly kind: 'block-loss';
			readonly name: string;
			readonly block: import('./training.ts').TokenBlock;
	  }
	/** n-shot sentiment, one example per class and run, macro-F1. */
	| ({ readonly kind: 'sentiment'; readonly set: SentimentSet } & RunDraws)
	/** 4-shot word translation: exact match, and whether the first token begins the word. */
	| ({ readonly kind: 'words'; readonly set: WordSet } & RunDraws)
	/** 2-shot translation of sentences: chrF++, BLEU, exact match and token F1 of the greedy line; COMET where it is loaded. */
	| ({ readonly kind: 'translation'; readonly set: TranslationSet } & RunDraws)
	/** 2-shot questions answered by letter: accuracy. */
	| ({ readonly kind: 'exam'; readonly set: ExamSet } & RunDraws);

/** Evaluation runs that differ in the examples shown: run r draws them with seed + r. */
export interface RunDraws {
	readonly runs: number;
	readonly seed: number;
	/** Examples in each prompt, of sentiment for each class; left out: as many as in the paper. */
	readonly shots?: number;
}

/**
 * The tasks of the paper, measured on files in the layout of their publishers. `retention`: words between known languages
 * and the loss of English texts, for what adaptation has cost.
 */
export type FileTask = 'words' | 'translation' | 'sentiment' | 'exam' | 'retention';

/** Languages that models are adapted to. */
export type NewLanguage = 'javanese' | 'sundanese';

export interface FileTaskChoice extends RunDraws {
	readonly tasks: readonly FileTask[];
	readonly languages: readonly NewLanguage[];
	/** Items of each set that are measured, [from, to); null: all. */
	readonly rows: readonly [number, number] | null;
}

/** A column of a table of one's own, and what prompts call its language. */
export interface LanguageColumn {
	readonly column: string;
	readonly name: string;
}

/** A task on a table of one's own, by the names of its columns. */
export type OwnTask =
	/** Accepted forms separated by `;`. `english`: column of the English word, null where there is none. */
	| {
			readonly kind: 'words';
			readonly languages: readonly [LanguageColumn, LanguageColumn];
			readonly english: string | null;
	  }
	| {
			readonly kind: 'translation';
			readonly languages: readonly [LanguageColumn, LanguageColumn];
	  }
	| {
			readonly kind: 'sentiment';
			readonly language: string;
			readonly text: string;
			readonly label: string;
	  }
	/** `options`: one column with a line `A. ...` for each, or a column for each. `key`: the letter of the right one. */
	| {
			readonly kind: 'exam';
			readonly subject: string;
			readonly question: string;
			readonly options: readonly string[];
			readonly key: string;
	  };

export interface OwnTaskChoice extends RunDraws {
	readonly task: OwnTask;
	/** Rows of the table that are measured, [from, to); null: all. */
	readonly rows: readonly [number, number] | null;
}

export interface FileTasks {
	readonly tasks: readonly EvaluationTask[];
	/** What of the files could not be used, one line each. */
	readonly notes: readonly string[];
}

export interface EvaluationRequest {
	/** `base`: the model as loaded; `current`: as trained so far. */
	readonly weights: 'base' | 'current';
	readonly tasks: readonly EvaluationTask[];
}

/** What of a prompt had no room in the context: examples, or part of the item itself (and then all before it). */
export type PromptCut = 'examples' | 'item';

/** What a model said to one item. */
export interface Prediction {
	readonly prompt: string;
	readonly expected: string;
	readonly given: string;
	readonly right: boolean;
	/** Number of the evaluation run, from 0, where a task has several. */
	readonly run?: number;
	/** Where the prompt had to be shortened to fit the context: what was left out of it. */
	readonly cut?: PromptCut;
}

/** How many items of a test are known from elsewhere; when two are the same: tasks/sameItem.ts. */
export interface ItemOverlap {
	/** Items of the test. */
	readonly items: number;
	/** Items that are the same as one before them. */
	readonly repeated: number;
	/** Items that are also among the examples, where these are a set of their own. None is ever shown with itself. */
	readonly shown: number;
	/** Items that stand in a row the run was trained on (tasks/trainedItems.ts); null: not looked for. */
	readonly trained: number | null;
}

/** Items of a task, and how many of them stand in rows a run was trained on. */
export type TrainedCount = Pick<ItemOverlap, 'items' | 'trained'>;

/** An answer and what it is to. */
export type NamedPrediction = Prediction & Pick<MetricRow, 'task' | 'subject' | 'weights'>;

export interface MetricRow {
	/** `loss`, `sentiment`, `words`, `translation`, `exam`, or the name of a generation or choice task. */
	readonly task: string;
	/** Language or dataset the number is about. */
	readonly subject: string;
	/**
	 * In [0, 1] but for the loss, for chrF++ and BLEU, which are in [0, 100] as sacrebleu has them, and for COMET, which is
	 * not bounded. `token-f1`: longest common subsequence of tokens. `first-token`: the most probable next token may begin
	 * a right answer.
	 */
	readonly metric:
		| 'loss-per-token'
		| 'macro-f1'
		| 'exact-match'
		| 'token-f1'
		| 'accuracy'
		| 'first-token'
		| 'chrf++'
		| 'bleu'
		| 'comet';
	/** Of chrF++ and BLEU: what the number depends on, in sacrebleu's words. */
	readonly signature?: string;
	/** What else is to be told of what was measured. */
	readonly notes?: readonly string[];
	readonly weights: 'base' | 'adapted';
	readonly mean: number;
	/** Standard deviation over runs (n - 1); null for a single run. */
	readonly sd: number | null;
	readonly runs: number;
	/** Tokens or items counted. */
	readonly count: number;
	/** Prompts that had to be shortened to fit the context. */
	readonly shortened: number;
	/** Those of them whose item itself was cut, not only the examples before it. Absent: none. */
	readonly cutItems?: number;
	/** Absent where no item is known from elsewhere. */
	readonly overlap?: ItemOverlap;
}

/** What was measured after `step` updates of a run. */
export interface Measurement {
	/** Updates done; 0: the base model. */
	readonly step: number;
	readonly rows: readonly MetricRow[];
	/** Of generation and choice tasks, in the order of tasks and items. */
	readonly predictions: readonly Prediction[];
}

export interface EvaluationProgress {
	readonly done: number;
	readonly total: number;
	readonly label: string;
}
