/** Anyone's translations or labels, scored line by line against references. */

export type TextMetric = 'bleu' | 'chrf' | 'chrf++' | 'macro-f1';

/** One translation or label on each line; line n of one file belongs to line n of the others. */
export interface ScoreFiles {
	readonly hypotheses: File;
	readonly references: File;
	/** What was translated, where it is known. */
	readonly sources: File | null;
}

export interface TextScore {
	readonly metric: TextMetric;
	/** In [0, 100] as sacrebleu has it; macro-F1 in [0, 1]. */
	readonly score: number;
	/** What the score depends on, in sacrebleu's words; null for macro-F1. */
	readonly signature: string | null;
	readonly lines: number;
	/** Of each line, where the metric has one. */
	readonly sentences: readonly number[] | null;
}
