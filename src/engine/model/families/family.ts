/** What sets a model family apart: how its `config.json` is read, and what its decoder is made of. */
import { shownValue } from '../../../contract/shownValue.ts';
import * as v from 'valibot';
import { badFile } from '../../../contract/errors.ts';
import type { BlockRecipe, ModelConfig, Rotation } from '../../../contract/model.ts';

/** No size of a model is larger: what is beyond is a damaged file, refused before anything is made of that size. */
const largestSize = 2 ** 31 - 1;
/** The deepest models have some 200 layers. */
const mostLayers = 10_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largestSize));
const tokenId = v.pipe(v.number(), v.integer());
const record = v.record(v.string(), v.unknown());

/** The keys that are read for every family. A key may be absent (transformers' default) or null (its own meaning). */
export const ConfigSchema = v.looseObject({
	model_type: v.string(),
	architectures: v.nullish(v.array(v.string())),
	hidden_size: count,
	intermediate_size: count,
	num_hidden_layers: v.pipe(count, v.maxValue(mostLayers)),
	num_attention_heads: count,
	num_key_value_heads: v.nullish(count),
	head_dim: v.nullish(count),
	vocab_size: count,
	max_position_embeddings: v.nullish(count),
	rms_norm_eps: v.nullish(v.pipe(v.number(), v.finite(), v.minValue(0))),
	hidden_act: v.nullish(v.string()),
	tie_word_embeddings: v.nullish(v.boolean()),
	attention_bias: v.nullish(v.boolean()),
	rope_theta: v.optional(v.nullable(v.number())),
	rope_scaling: v.nullish(record),
	rope_parameters: v.nullish(record),
	sliding_window: v.optional(v.nullable(count)),
	use_sliding_window: v.nullish(v.boolean()),
	max_window_layers: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
	layer_types: v.nullish(v.array(v.string())),
	bos_token_id: v.optional(v.nullable(tokenId)),
	eos_token_id: v.optional(v.nullable(v.union([tokenId, v.array(tokenId)]))),
});
export type RawConfig = v.InferOutput<typeof ConfigSchema>;

/** What transformers 5.18 takes for a key that is absent (`configuration_<family>.py`). */
export interface FamilyDefaults {
	/** null: as many as query heads. */
	readonly keyValueHeads: number | null;
	/** null: hidden_size / num_attention_heads. */
	readonly headDim: number | null;
	readonly contextLength: number;
	readonly rmsNormEpsilon: number;
	readonly tiedEmbeddings: boolean;
	readonly bos: number | null;
	readonly eos: number | null;
}

/** Of one `config.json`. */
export interface Traits extends Pick<
	ModelConfig,
	'ropeTheta' | 'ropeScaling' | 'windows' | 'queryKeyValueBias' | 'outputBias'
> {
	readonly recipe: BlockRecipe;
	/** Absent: the same in every layer. */
	readonly rotations?: readonly (Rotation | null)[];
}

export interface Family {
	/** `model_type`. */
	readonly type: string;
	/** What the page calls it. */
	readonly label: string;
	/** Checkpoints that say this type of themselves, beside those of its own name; empty: none. */
	readonly known: string;
	readonly architecture: string;
	readonly defaults: FamilyDefaults;
	/** Whether `sliding_window` means anything to it. */
	readonly slides: boolean;
	/** Keys, beside those of `ConfigSchema`, that `traits` reads or that this family gives no meaning to. */
	readonly keys: readonly string[];
	/** Throws `BadInput` naming a key that asks for what is not implemented. `contextLength`: read before. */
	readonly traits: (raw: RawConfig, contextLength: number, file: string) => Traits;
}

/** A number of a family's own key, `fallback` where it is absent or null. */
export function numberOf(raw: RawConfig, key: string, fallback: number, file: string): number {
	const value = raw[key] ?? fallback;
	if (typeof value === 'number' && Number.isFinite(value)) return value;
	throw badFile(file, `"${key}" is ${shownValue(value)}, expected a number`);
}

/** The same of a whole number of at least 1. */
export function countOf(raw: RawConfig, key: string, fallback: number, file: string): number {
	const value = numberOf(raw, key, fallback, file);
	if (Number.isInteger(value) && value >= 1) return value;
	throw badFile(file, `"${key}" is ${value}, expected a whole number of at least 1`);
}

/** Biases of all four projections, where `attention_bias` says so. */
export const statedBias = (raw: RawConfig) => {
	const bias = raw.attention_bias === true;
	return { queryKeyValueBias: bias, outputBias: bias };
};
