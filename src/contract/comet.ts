/** COMET: an encoder and an estimator that score a translation by its source and a reference (Rei et al. 2022). */
import * as v from 'valibot';
import type { ModelSource } from './model.ts';

/** The architecture of an XLM-RoBERTa encoder, as read from `config.json`. */
export interface EncoderConfig {
	readonly hiddenSize: number;
	readonly intermediateSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly vocabularySize: number;
	/** Rows of the position table; a text has at most 4 tokens less. */
	readonly positions: number;
	readonly tokenTypes: number;
	readonly layerNormEpsilon: number;
	readonly padTokenId: number;
}

/** What the checkpoint's own hyper-parameters state beside the weights. */
export interface CometOptions {
	/** How the weights of the layers are made of the layers' scalars. */
	readonly layerTransformation: 'sparsemax' | 'softmax';
	/** Whether the states of each layer are normalised over a text before they are mixed. */
	readonly layerNorm: boolean;
	/** A text is the mean over its tokens, or its first token. */
	readonly pool: 'avg' | 'cls';
}

export interface CometSummary {
	/** File of the weights. */
	readonly weights: string;
	readonly encoder: EncoderConfig;
	readonly options: CometOptions;
	/** Weight of the embeddings and of each layer in the mix. */
	readonly layerWeights: readonly number[];
}

/** One translation; the three texts are as people wrote them. */
export interface CometItem {
	readonly source: string;
	readonly translation: string;
	readonly reference: string;
}

/** For messages: what COMET-22 is made of, and where it is. */
export const cometAdvice =
	'COMET-22 is a folder with the weights (checkpoints/model.ckpt of https://huggingface.co/Unbabel/wmt22-comet-da, ' +
	'2.3 GB, as it is or as model.safetensors) and config.json and tokenizer.json of ' +
	'https://huggingface.co/FacebookAI/xlm-roberta-large';

export type CometSource = Exclude<ModelSource, { kind: 'stored' }>;

/** Token ids, a row for each text. */
const texts = v.array(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))));

/** Token ids (padded on the right), and what PyTorch makes of them. */
export const CometReferenceSchema = v.pipe(
	v.object({
		source: v.optional(v.string()),
		src: texts,
		mt: texts,
		ref: texts,
		layer_weights: v.array(v.number()),
		/** Embeddings of the translations, row by row. */
		pooled_mt: v.array(v.number()),
		scores: v.array(v.number()),
	}),
	v.check(
		({ src, mt, ref }) => src.length === mt.length && ref.length === mt.length,
		'"src", "mt" and "ref" need as many rows as each other',
	),
);
export type CometReference = v.InferOutput<typeof CometReferenceSchema>;
