/** 8-bit AdamW against bitsandbytes' algorithm in torch: maps, and three updates of 612 weights, on every backend. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dynamicMaps } from '../engine/kernels/adamW8bit/dynamicMaps.ts';
import { dequantise, packedBlock, packedShape } from '../engine/kernels/adamW8bit/layout.ts';
import { expectClose, onEveryBackend } from '../engine/kernels/backends.ts';
import { golden, readJsonFile } from './testing.ts';

interface Vectors {
	readonly config: Readonly<Record<'lr' | 'b1' | 'b2' | 'eps' | 'wd' | 'n', number>>;
	readonly fp32: Updates;
	/** With weights in bfloat16, rounded after the step and after the decay. */
	readonly bf16: Updates;
}

interface Updates {
	readonly p0: readonly number[];
	readonly grads: readonly (readonly number[])[];
	readonly steps: readonly {
		readonly p: readonly number[];
		readonly state1: readonly number[];
		readonly state2: readonly number[];
		readonly absmax1: readonly number[];
		readonly absmax2: readonly number[];
	}[];
}

/** The states of the file as they lie on a device. */
function pack(step: Updates['steps'][number]): Int32Array {
	const [blocks, words] = packedShape(step.p.length);
	const packed = new Int32Array(blocks * words);
	for (let block = 0; block < blocks; block++) {
		const { firstCodes, secondCodes, largest } = packedBlock(packed, block);
		firstCodes.set(step.state1.slice(block * 256, block * 256 + 256));
		secondCodes.set(step.state2.slice(block * 256, block * 256 + 256));
		largest.set([step.absmax1[block]!, step.absmax2[block]!]);
	}
	return packed;
}

const vectorsFile = `${golden}/method/adamw8bit_vectors.json`;

describe.skipIf(!existsSync(vectorsFile))('golden 8-bit AdamW', () => {
	const maps = dynamicMaps();

	test('maps are torch’s, bit for bit', () => {
		const { signed, unsigned } = readJsonFile(`${golden}/method/dynamic_map.json`) as Readonly<
			Record<'signed' | 'unsigned', readonly number[]>
		>;
		expect(maps).toEqual(Float32Array.from([...signed, ...unsigned]));
	});

	onEveryBackend('three updates', (ops, backend) => {
		// In float64 one moment of 612 gets another code, which shows in bf16 only.
		const formats = backend === 'webgpu' ? (['f32', 'bf16'] as const) : (['f32'] as const);
		test.each(formats)('give weights and moments of the vectors, in %s', async (format) => {
			const { config, fp32, bf16 } = readJsonFile(vectorsFile) as Vectors;
			const updates = format === 'f32' ? fp32 : bf16;
			const shape = packedShape(config.n);
			const parameter = ops().uploadWeight(Float32Array.from(updates.p0), [1, config.n], format);
			const states = ops().upload(new Int32Array(shape[0] * shape[1]), shape);
			const onDevice = ops().upload(maps, [maps.length]);
			const norm = ops().upload(Float32Array.of(1), [1]);
			expect(updates.steps).toHaveLength(3);
			for (const [i, expected] of updates.steps.entries()) {
				const gradient = ops().upload(Float32Array.from(updates.grads[i]!), [config.n]);
				ops().adamW8bit(parameter, gradient, states, onDevice, norm, {
					learningRate: config.lr,
					beta1: config.b1,
					beta2: config.b2,
					epsilon: config.eps,
					weightDecay: config.wd,
					step: i + 1,
					clipNorm: null,
					...(format === 'bf16' ? { rounding: { seed: null } } : {}),
				});
				ops().release(gradient);
				expectClose(await ops().read(parameter), expected.p, 2e-6);
				const ours = dequantise(await ops().readIntegers(states), maps, config.n);
				const theirs = dequantise(pack(expected), maps, config.n);
				expectClose(ours.m, theirs.m, 2e-6);
				expectClose(ours.v, theirs.v, 2e-6);
			}
			ops().release(parameter, states, onDevice, norm);
		});
	});
});
