/** Updates without gradients of linear weights make the run that updates with them make. */
import { expect, test } from 'vitest';
import { precisionOf } from '../../contract/precision.ts';
import type { LayerSet, RunSpec } from '../../contract/spec.ts';
import type { FusedOps } from '../fusedOps.ts';
import { expectClose, onEveryBackend } from '../kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../model/load.ts';
import type { Ops } from '../ops.ts';
import { planTraining } from '../plan/plan.ts';
import { formatOf } from '../precision.ts';
import { gradientBytes, runSpec, tinyBlock, tinyConfig, tinyValues } from '../testing.ts';
import { createTrainingState, releaseTrainingState, train } from '../train.ts';
import { optimizerOf } from './registry.ts';

/** Wide enough: rows of 256 are blocks of 8-bit moments, those of 320 (down) are not. */
const config = {
	...tinyConfig,
	...{ hiddenSize: 256, intermediateSize: 320, layers: 1, headDim: 64, windows: [null] },
};
const set: LayerSet = { layers: [0], embedding: true, head: true, finalNorm: true };

const specOf = (
	kind: 'adamw' | 'adamw-8bit',
	trainable: 'f32' | 'bf16' | 'bf16-stochastic',
): RunSpec => {
	const plain = runSpec('never', 12);
	return {
		...plain,
		precision: { frozen: 'f32', trainable },
		batch: { size: 4, accumulation: 1 },
		optimizer: { ...plain.optimizer, kind, learningRate: 1e-3, clipNorm: null },
		steps: 3,
	};
};

/** The operations without the updates in one. */
const unfused = (ops: Ops): Ops =>
	new Proxy(ops, {
		get: (target, key) => (key === 'fused' ? undefined : (Reflect.get(target, key) as unknown)),
	});

/** `stop`: updates after which the run is begun anew from its state. */
async function run(ops: Ops, spec: RunSpec, stop = Infinity) {
	const tracked = gradientBytes(ops);
	const format = (tensor: Parameters<typeof formatOf>[0]) =>
		formatOf(tensor, true, precisionOf(spec));
	const decoder = await loadDecoder(ops, config, tinyValues(), false, format);
	const shapes = [...decoder.parameters.values()].map(({ name, tensor: { shape } }) => ({
		name,
		shape,
	}));
	const fuses = ops.fused !== undefined;
	const planned = planTraining(config, shapes, spec, set, 1e9, undefined, fuses);
	const { plan, trainable, forecast } = planned;
	const state = createTrainingState(ops, decoder, trainable, 0, spec.optimizer.kind);
	ops.resetPeak();
	const events = [];
	try {
		for (const most of [stop, Infinity])
			for await (const event of train(
				tracked.ops,
				decoder,
				spec,
				tinyBlock(10),
				plan,
				trainable,
				state,
			)) {
				events.push(event);
				if (events.length === most) break;
			}
		const total = ops.memory().peakBytes;
		const weights = new Map<string, Float32Array>();
		for (const [name, { tensor }] of decoder.parameters) weights.set(name, await ops.read(tensor));
		const losses = events.map(({ loss }) => loss);
		const norms = events.map(({ gradientNorm }) => gradientNorm);
		return { losses, norms, weights, total, gradients: tracked.peak(), forecast: forecast.bytes };
	} finally {
		releaseTrainingState(ops, state);
		releaseDecoder(ops, decoder);
	}
}

onEveryBackend(
	'a run whose linear weights have no gradient',
	(ops) => {
		test.each([
			['adamw', 'f32'],
			['adamw-8bit', 'f32'],
			['adamw-8bit', 'bf16-stochastic'],
		] as const)('is that of one whose have: %s, %s', async (kind, trainable) => {
			const spec = specOf(kind, trainable);
			const before = ops().memory().tensors;
			const found = await run(ops(), spec);
			expect(ops().memory().tensors, 'tensors left over').toBe(before);
			const expected = await run(unfused(ops()), spec);
			// A last digit decides how a number is rounded, to 8 bits or to 16.
			const exact = kind === 'adamw';
			expectClose(found.losses, expected.losses, exact ? 1e-6 : 1e-4);
			expectClose(found.norms, expected.norms, exact ? 1e-5 : 1e-3);
			if (exact)
				for (const [name, values] of found.weights)
					expectClose(values, expected.weights.get(name)!, 1e-5);
			// Embedding, or down in 8 bits, whose rows are no whole blocks.
			const largest = kind === 'adamw' ? 4 * 40 * 256 : 4 * 256 * 320;
			expect(found.gradients).toBe(largest);
			expect(expected.gradients).toBe(4 * 256 * 320);
			for (const { total, forecast } of [found, expected]) {
				expect(total / forecast.total).toBeGreaterThan(0.9);
				expect(total / forecast.total).toBeLessThan(1.1);
			}
		});

		test('repeats bit for bit, also where it was stopped and continued', async () => {
			const spec = specOf('adamw-8bit', 'bf16-stochastic');
			const whole = await run(ops(), spec);
			const continued = await run(ops(), spec, 2);
			expect(continued.losses).toEqual(whole.losses);
			for (const [name, values] of continued.weights)
				expectClose(values, whole.weights.get(name)!, 0);
		});

		test('a gradient that is not finite is told by the name of its tensor', async () => {
			const { linearAdamW } = ops().fused!;
			let products = 0;
			const fused: FusedOps = {
				...ops().fused!,
				linearAdamW: (parameter, dy, ...rest) => {
					// Down of the block, in the second step.
					if (parameter.shape.join() === '256,320' && products++ === 1)
						ops().write(dy, Float32Array.of(Infinity), 3);
					return linearAdamW(parameter, dy, ...rest);
				},
			};
			const broken = new Proxy(ops(), {
				get: (target, key) => (key === 'fused' ? fused : (Reflect.get(target, key) as unknown)),
			});
			await expect(run(broken, specOf('adamw', 'f32'))).rejects.toMatchObject({
				name: 'NotFinite',
				message: expect.stringMatching(
					'^Step 1: .* of model\\.layers\\.0\\.mlp\\.down_proj\\.weight\\. ',
				) as string,
			});
		});
	},
	['webgpu'],
);

test('which shapes have no gradient', () => {
	const fuses = (kind: 'adamw' | 'adamw-8bit', ...shape: number[]) =>
		optimizerOf(kind).fused?.takes({ name: 'model.layers.0.mlp.up_proj.weight', shape });
	expect(fuses('adamw', 344, 128)).toBe(true);
	expect(fuses('adamw', 344, 130)).toBe(false);
	expect(fuses('adamw', 344)).toBe(false);
	expect(fuses('adamw', 4096, 60)).toBe(false);
	expect(fuses('adamw', 4096, 64)).toBe(true);
	expect(fuses('adamw-8bit', 4096, 11008)).toBe(true);
	expect(fuses('adamw-8bit', 344, 128)).toBe(false);
	// Below 4,096 elements moments stay in 32 bits.
	expect(fuses('adamw-8bit', 16, 128)).toBe(true);
});
