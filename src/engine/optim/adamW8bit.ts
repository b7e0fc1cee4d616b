/** AdamW as bitsandbytes' with moments of 8 bits (kernels/adamW8bit/), which decays after the step. */
import { dynamicMaps } from '../kernels/adamW8bit/dynamicMaps.ts';
import { blockSize, packedShape } from '../kernels/adamW8bit/layout.ts';
import { embeddingName, type NamedShape } from '../model/weights.ts';
import { adamW, adamWStep, firstAndSecond } from './adamW.ts';
import { rowsFuse } from './fused.ts';
import type { Optimizer } from './optimizer.ts';

/** bitsandbytes' min_8bit_size. */
const leastPacked = 4096;
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * As bitsandbytes under Hugging Face's Trainer: small tensors and the embedding (tied with the head or not) keep
 * float32 moments. A rarely seen row whose second moment is rounded to 0 would take a step of 100 learning rates.
 */
const isPacked = ({ name, shape }: NamedShape): boolean =>
	product(shape) >= leastPacked && name !== embeddingName;

export const adamW8bit = {
	kind: 'adamw-8bit',
	states: (parameter) =>
		isPacked(parameter)
			? { packed: { shape: packedShape(product(parameter.shape)), dtype: 'i32' } }
			: adamW.states(parameter),
	/** What codes of moments stand for. */
	constants: dynamicMaps,
	update(ops, { parameter, moments, constants, step }, gradient, norm) {
		const given = adamWStep(step, 'after');
		if (moments.packed !== undefined)
			ops.adamW8bit(parameter, gradient, moments.packed, constants!, norm, given);
		else ops.adamW(parameter, gradient, ...firstAndSecond(moments), norm, given);
	},
	fused: {
		/** Rows must be whole blocks of packed states. */
		takes: (parameter) =>
			isPacked(parameter) ? rowsFuse(parameter.shape, blockSize) : adamW.fused.takes(parameter),
		update(fused, { parameter, moments, constants, step }, dy, x, norm) {
			const given = adamWStep(step, 'after');
			const { packed } = moments;
			if (packed !== undefined)
				return fused.linearAdamW8bit(parameter, dy, x, packed, constants!, norm, given);
			return fused.linearAdamW(parameter, dy, x, ...firstAndSecond(moments), norm, given);
		},
	},
} as const satisfies Optimizer;
