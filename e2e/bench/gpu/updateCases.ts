/** One AdamW update of a matrix, with 32-bit and with 8-bit moments. */
import { dynamicMaps } from '../../../src/engine/kernels/adamW8bit/dynamicMaps.ts';
import { packedShape } from '../../../src/engine/kernels/adamW8bit/layout.ts';
import { release, twin, type PlannedCase } from './kernelCase.ts';
import { linearUpdateCases } from './linearUpdateCases.ts';
import { step, stockParameter } from './stockUpdate.ts';

const planned = (size: readonly [number, number], bits: 8 | 32, large: boolean): PlannedCase => {
	const name = `adamw-${bits}-bit/${size.join('x')}`;
	const count = size[0] * size[1];
	return {
		name,
		large,
		make(ops) {
			const parameter = twin(ops, size);
			const gradient = twin(ops, size, 0.01);
			const norm = ops.upload(Float32Array.of(1), [1]);
			const m = ops.zeros(bits === 32 ? size : [1]);
			const v = ops.zeros(bits === 32 ? size : [1]);
			const packed = bits === 8 ? packedShape(count) : ([1, 1] as const);
			const states = ops.upload(new Int32Array(packed[0] * packed[1]), packed);
			const maps = ops.upload(dynamicMaps(), [512]);
			const { dispose, ...stock } = stockParameter(parameter.stock, () => gradient.stock);
			const ours = () => {
				if (bits === 32) ops.adamW(parameter.ours, gradient.ours, m, v, norm, step);
				else ops.adamW8bit(parameter.ours, gradient.ours, states, maps, norm, step);
			};
			return {
				name,
				flops: 14 * count,
				bytes: count * (bits === 32 ? 28 : 16),
				ours,
				...stock,
				// Decay after the step instead of before it is below the tolerance.
				result: () => {
					ours();
					return ops.copy(parameter.ours);
				},
				dispose: () => {
					release(ops, parameter, gradient);
					ops.release(norm, m, v, states, maps);
					dispose();
				},
			};
		},
	};
};

export const updateCases: readonly PlannedCase[] = [
	planned([1024, 1024], 32, false),
	planned([1024, 1024], 8, false),
	planned([4096, 11008], 32, true),
	planned([4096, 11008], 8, true),
	...linearUpdateCases,
];
