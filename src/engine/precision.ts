/** In what each parameter of a model is kept on the device. */
import type { Precision, WeightFormat } from '../contract/precision.ts';
import { formatWords } from './kernels/weightFormats/formats.ts';
import { embeddingName, headName, type NamedShape } from './model/weights.ts';

/** Of a parameter that trains in some stage of the run, or in none. */
export function formatOf(
	{ name, shape }: NamedShape,
	trains: boolean,
	{ frozen, trainable }: Precision,
): WeightFormat {
	// Norms and biases are too few to be worth it; in bf16 they train as float32 that are rounded.
	if (shape.length < 2) return 'f32';
	if (trains) return trainable === 'f32' ? 'f32' : 'bf16';
	const isBlock = name !== embeddingName && name !== headName;
	return isBlock || frozen === 'f32' ? frozen : 'bf16';
}

/** Bytes of a parameter in a format. */
export const weightBytes = ({ shape }: Pick<NamedShape, 'shape'>, format: WeightFormat): number =>
	4 *
	formatWords(
		format,
		shape.reduce((product, length) => product * length, 1),
	);
