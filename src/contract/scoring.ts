/** Anyone's translations or labels, scored line by line against references. */

export type TextMetric = 'bleu' | 'chrf' | 'chrf++' | 'macro-f1';

/** One translation or label on each line; line n of one file belongs to line n of the others. */
export interface ScoreFiles {
	readonly hypotheses: File;
	readonly references: File;
	/** What was translated, where it is known. */
	readonly sources: File | null;
}

/** Lines of files that belong together, as many of each. */
export interface AlignedLines {
	readonly hypotheses: readonly string[];
	readonly references: readonly string[];
	readonly sources: readonly string[] | null;
}

export interface TextScore {
	readonly metric: TextMetric | 'comet';
	/** In [0, 100] as sacrebleu has it; macro-F1 in [0, 1]; COMET the mean of its lines. */
	readonly score: number;
	/** What the score depends on: in sacrebleu's words, or the weights of COMET; null for macro-F1. */
	readonly signature: string | null;
	readonly lines: number;
	/** Of each line, where the metric has one. */
	readonly sentences: readonly number[] | null;
}
