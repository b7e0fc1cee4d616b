/** In what the weights of a run are kept. Products are summed in float32 whatever it is. */
import * as v from 'valibot';
import { noList } from './noList.ts';

/**
 * Of a matrix: `f32`; `bf16`, the upper half of a float32; `int8` and `nf4`, codes of 8 and 4 bits with one scale per 64
 * elements (engine/kernels/weightFormats/); `nf4-double`, nf4 whose scales are codes of 8 bits themselves.
 */
export const weightFormats = ['f32', 'bf16', 'int8', 'nf4', 'nf4-double'] as const;
export type WeightFormat = (typeof weightFormats)[number];

const FormatsSchema = v.strictObject({
	/**
	 * Matrices that do not train. Under `int8`, `nf4` and `nf4-double` embedding and head are bf16, as in bitsandbytes; norms and biases
	 * are always f32.
	 */
	frozen: v.exactOptional(v.picklist(weightFormats)),
	/** What trains, rounded to bf16 after every update: to the nearest, or up and down at random by the run's seed. */
	trainable: v.exactOptional(v.picklist(['f32', 'bf16', 'bf16-stochastic'])),
});

export const PrecisionSchema = noList(FormatsSchema);
type Stated = v.InferOutput<typeof PrecisionSchema>;
export type Precision = Required<Stated>;

/** f32 where nothing is stated. */
export const precisionOf = ({ precision }: { readonly precision?: Stated }): Precision => ({
	frozen: 'f32',
	trainable: 'f32',
	...precision,
});
