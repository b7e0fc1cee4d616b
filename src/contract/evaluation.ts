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

export type EvaluationTask =
	/** Loss per token of texts; sequences are scored one text at a time, begin-of-sequence first. */
	| { readonly kind: 'text-loss'; readonly set: TextSet }
	/** Loss per target token of prepared sequences (the held-out part of a dataset). */
	| {
			readonly kind: 'block-loss';
			readonly name: string;
			readonly block: import('./training.ts').TokenBlock;
	  }
	/** n-shot sentiment, one example per class and run, macro-F1. */
	| {
			readonly kind: 'sentiment';
			readonly set: SentimentSet;
			readonly runs: number;
			readonly seed: number;
	  };

export interface EvaluationRequest {
	/** `base`: the model as loaded; `current`: as trained so far. */
	readonly weights: 'base' | 'current';
	readonly tasks: readonly EvaluationTask[];
}

export interface MetricRow {
	readonly task: 'loss' | 'sentiment';
	/** Language or dataset the number is about. */
	readonly subject: string;
	readonly metric: 'loss-per-token' | 'macro-f1';
	readonly weights: 'base' | 'adapted';
	readonly mean: number;
	/** Standard deviation over runs (n - 1); null for a single run. */
	readonly sd: number | null;
	readonly runs: number;
	/** Tokens or items counted. */
	readonly count: number;
	/** Prompts that had to be shortened to fit the context. */
	readonly shortened: number;
}

export interface EvaluationProgress {
	readonly done: number;
	readonly total: number;
	readonly label: string;
}
