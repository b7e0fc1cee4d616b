/** What the layers of a model would say: the logit lens (METHOD.md 9; Wendler et al. 2024). */
import type { WordSet } from './evaluation.ts';

export interface LensRequest {
	/** `base`: the model as loaded; `current`: as trained so far. */
	readonly weights: 'base' | 'current';
	readonly sets: readonly WordSet[];
	/** Of the words shown before each. */
	readonly seed: number;
	/** How many; left out: as in the paper. */
	readonly shots?: number;
}

/** A number after each block, the first block first: mean over the prompts and standard deviation (n - 1). */
export interface LensCurve {
	readonly mean: readonly number[];
	/** 0 for a single prompt. */
	readonly sd: readonly number[];
}

/** A 95 % band around the mean is 1.96 sd / sqrt(count). */
export interface LensChart {
	/** E.g. `German to Javanese`. */
	readonly subject: string;
	readonly weights: 'base' | 'adapted';
	/** Prompts: words whose first tokens tell the target language from English. */
	readonly count: number;
	/** Of them, those that had to be shortened to fit the context. Absent: none. */
	readonly shortened?: number;
	/** Probability that the next token may begin the word in this language: the target's, English, the source's. */
	readonly languages: readonly (LensCurve & { readonly code: string })[];
	/** Of the next token, in bits. */
	readonly entropy: LensCurve;
}
