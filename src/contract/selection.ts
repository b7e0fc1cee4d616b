/** Ways to choose layers by what a model or its data say, and the scores they give. */
import type { TextSet } from './evaluation.ts';
import type { TokenBlock } from './training.ts';

/** Where the tail of a spectrum begins: at its median (`xmin_mid`), or best fit near its peak (`xmin_peak`). */
export type TailCut = 'median' | 'peak';

/** How the information of a layer's parameters becomes one number; see `fisherScores`. */
export type FisherAggregation = 'sum' | 'mean' | 'frobenius';

export type ScoreRequest =
	/** Fisher information over the sequences of `block`, one row each; fewer than `rows` are refused. */
	| {
			readonly method: 'fisher';
			readonly block: TokenBlock;
			readonly rows: number;
			readonly aggregation: FisherAggregation;
	  }
	/** Language-specific neurons, by texts of two or more languages. */
	| { readonly method: 'lape'; readonly languages: readonly TextSet[] }
	/** Exponents of the spectra of the weights. */
	| { readonly method: 'heavy-tail'; readonly cut: TailCut };

/** Ways to rank layers by what a model, its data or its weights say. */
export type RankingMethod = ScoreRequest['method'];

/** What LAPE counted of one language. */
export interface LanguageNeurons {
	readonly language: string;
	/** Tokens run; null where it was not published. */
	readonly tokens: number | null;
	/** Language-specific neurons of every layer. */
	readonly neurons: readonly number[];
}

export interface LayerScores {
	/** One per decoder layer; the larger, the earlier the layer is chosen. */
	readonly scores: readonly number[];
	/** Layers, best first; of equal scores the lower one. */
	readonly ranking: readonly number[];
	/** Of LAPE; empty for other methods. */
	readonly languages: readonly LanguageNeurons[];
}
