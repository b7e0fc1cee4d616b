/** AdamW with 8-bit moments in training: which tensors have them, what they take, and that the run is near the other. */
import { expect, test } from 'vitest';
import type { ModelConfig } from '../../contract/model.ts';
import type { LayerSet } from '../../contract/spec.ts';
import { expectClose, onEveryBackend } from '../kernels/backends.ts';
import { releaseDecoder } from '../model/load.ts';
import { type Decoder } from '../model/weights.ts';
import type { Ops } from '../ops.ts';
import { planTraining } from '../plan/plan.ts';
import { countingOps, runSpec, tinyBlock, tinyConfig, tinyDecoder } from '../testing.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { createTrainingState, releaseTrainingState, train } from '../train.ts';
import { createMoments } from './states.ts';

/** Query and output [64, 64] are of 4,096 elements, key and value below, embedding and head above. */
const config: ModelConfig = {
	...tinyConfig,
	...{ hiddenSize: 64, intermediateSize: 63, headDim: 16, vocabularySize: 80, layers: 1 },
	windows: [null],
};
const everything: LayerSet = { layers: [0], embedding: true, head: true, finalNorm: true };
const plain = { ...runSpec('never', 12), steps: 8 };
const eightBit = { ...plain, optimizer: { ...plain.optimizer, kind: 'adamw-8bit' } } as const;

const planned = (decoder: Decoder, spec: typeof plain) => {
	const shapes = [...decoder.parameters.values()].map(({ name, tensor }) => ({
		name,
		shape: tensor.shape,
	}));
	return planTraining(config, shapes, spec, everything, 1e9);
};

async function trained(ops: Ops, spec: typeof plain) {
	const counted = countingOps(ops);
	const decoder = await tinyDecoder(ops, config);
	const { plan, trainable } = planned(decoder, spec);
	const state = createTrainingState(ops, decoder, trainable, 0, spec.optimizer.kind);
	const losses: number[] = [];
	const updates = train(counted.ops, decoder, spec, tinyBlock(16), plan, trainable, state);
	for await (const { loss } of updates) losses.push(loss);
	const packed = [...state.moments].flatMap(([name, moments]) =>
		'packed' in moments ? [name] : [],
	);
	releaseTrainingState(ops, state);
	releaseDecoder(ops, decoder);
	expect(ops.memory().tensors).toBe(0);
	return { losses, packed, calls: counted.calls };
}

onEveryBackend('training with 8-bit moments', (ops) => {
	test('has them of large tensors but the embedding, and comes near the run in 32 bits', async () => {
		const { losses, packed, calls } = await trained(ops(), eightBit);
		expect(packed).toEqual([
			'model.layers.0.self_attn.q_proj.weight',
			'model.layers.0.self_attn.o_proj.weight',
			'lm_head.weight',
		]);
		expect(calls.get('adamW8bit')).toBe(8 * packed.length);
		const exact = await trained(ops(), plain);
		expect(exact.packed).toEqual([]);
		expect(exact.calls.get('adamW8bit')).toBeUndefined();
		expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.3);
		expect(losses.slice(1)).not.toEqual(exact.losses.slice(1));
		expectClose(losses, exact.losses, 0.02);
		expect((await trained(ops(), eightBit)).losses).toEqual(losses);
	});

	test.each([plain, eightBit])('takes what is forecast, %#', async (spec) => {
		const decoder = await tinyDecoder(ops(), config);
		const { forecast, trainable } = planned(decoder, spec);
		const before = ops().memory().bytes;
		const state = createTrainingState(ops(), decoder, trainable, 0, spec.optimizer.kind);
		const constants = state.constants === null ? 0 : 4 * state.constants.size;
		expect(ops().memory().bytes - before - constants).toBe(forecast.bytes.optimizer);
		releaseTrainingState(ops(), state);
		releaseDecoder(ops(), decoder);
	});
});

test('where only the first moment fits, it is given back', () => {
	const ops = createReferenceOps();
	const tensor = ops.zeros([2, 3]);
	let room = 1;
	const full: Ops = {
		...ops,
		zeros(shape) {
			if (room-- === 0) throw new Error('full');
			return ops.zeros(shape);
		},
	};
	const { tensors } = ops.memory();
	expect(() => createMoments(full, 'adamw', { name: 'model.norm.weight', tensor })).toThrow('full');
	expect(ops.memory().tensors).toBe(tensors);
});

test('8-bit moments take 2 bytes per weight, and 8 per block of 256', () => {
	const shapes = [{ name: 'model.layers.0.mlp.up_proj.weight', shape: [100, 64] }];
	const { bytes } = planTraining(config, shapes, eightBit, everything, 1e9).forecast;
	expect(bytes.optimizer).toBe(25 * (2 * 256 + 8));
	expect(planTraining(config, shapes, plain, everything, 1e9).forecast.bytes.optimizer).toBe(
		8 * 6400,
	);
});
