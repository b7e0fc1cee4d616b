/** Runs with Muon: what moves by it, that it learns, and what it takes. The numbers of torch: goldenMuon.device.test.ts. */
import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../../contract/model.ts';
import { precisionOf } from '../../contract/precision.ts';
import type { LayerSet, RunSpec } from '../../contract/spec.ts';
import { expectClose, onEveryBackend, wave } from '../kernels/backends.ts';
import { asStored } from '../kernels/weightFormats/formats.ts';
import { loadDecoder, releaseDecoder } from '../model/load.ts';
import type { Ops } from '../ops.ts';
import { planTraining } from '../plan/plan.ts';
import { formatOf } from '../precision.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { runSpec, tinyBlock, tinyConfig, tinyValues } from '../testing.ts';
import { createTrainingState, releaseTrainingState, train } from '../train.ts';
import { muon, updateMatrix } from './muon.ts';
import { newtonSchulz } from './newtonSchulz.ts';

/** Head and embedding are smaller than the layer, so that most memory is held where a matrix moves. */
const config: ModelConfig = {
	...tinyConfig,
	...{ hiddenSize: 64, intermediateSize: 96, headDim: 16, layers: 2, windows: [null, null] },
};
const everything: LayerSet = { layers: [0, 1], embedding: true, head: true, finalNorm: true };

const specOf = (
	optimizer: Partial<RunSpec['optimizer']> = {},
	changes: Partial<RunSpec> = {},
): RunSpec => {
	const plain = runSpec('never', 12);
	const batch = { size: 1, accumulation: 1 };
	return {
		...{ ...plain, batch, steps: 8, ...changes },
		optimizer: { ...plain.optimizer, kind: 'muon', ...optimizer },
	};
};
const adjusted = { muon: { adjustLearningRate: 'match_rms_adamw' } } as const;

/** `stop`: updates after which the run is begun anew from its state. */
async function run(ops: Ops, spec: RunSpec, stop = Infinity) {
	const format = (tensor: Parameters<typeof formatOf>[0]) =>
		formatOf(tensor, true, precisionOf(spec));
	const decoder = await loadDecoder(ops, config, tinyValues(), false, format);
	const shapes = [...decoder.parameters.values()].map(({ name, tensor: { shape } }) => ({
		name,
		shape,
	}));
	const fuses = ops.fused !== undefined;
	const planned = planTraining(config, shapes, spec, everything, 1e9, undefined, fuses);
	const { plan, trainable, forecast } = planned;
	const before = ops.memory().bytes;
	const state = createTrainingState(ops, decoder, trainable, 0, spec.optimizer.kind);
	const kept = ops.memory().bytes - before;
	ops.resetPeak();
	const losses: number[] = [];
	try {
		for (const most of [stop, Infinity]) {
			const block = tinyBlock(8);
			for await (const { loss } of train(ops, decoder, spec, block, plan, trainable, state)) {
				losses.push(loss);
				if (losses.length === most) break;
			}
		}
		const total = ops.memory().peakBytes;
		const weights = new Map<string, Float32Array>();
		for (const [name, { tensor }] of decoder.parameters) weights.set(name, await ops.read(tensor));
		const states = new Map([...state.moments].map(([name, made]) => [name, Object.keys(made)]));
		return { losses, weights, states, kept, total, forecast: forecast.bytes };
	} finally {
		releaseTrainingState(ops, state);
		releaseDecoder(ops, decoder);
	}
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

onEveryBackend('training with Muon', (ops, backend) => {
	test.each([
		['clipped', { ...adjusted, clipNorm: 1 }],
		['in backward', { ...adjusted, clipNorm: null }],
		['with a rate of its own', { clipNorm: 1, muon: { learningRate: 0.1 } }],
	] as const)('learns, %s', async (_title, optimizer) => {
		const before = ops().memory().tensors;
		const spec = specOf(optimizer, { steps: 16 });
		const { losses } = await run(ops(), spec);
		expect(ops().memory().tensors, 'tensors left over').toBe(before);
		// Two rounds of eight sequences.
		expect(mean(losses.slice(8))).toBeLessThan(mean(losses.slice(0, 8)) - 0.2);
	});

	test.each([
		['clipped', 1],
		['in backward', null],
	] as const)('takes what is forecast, %s', async (_title, clipNorm) => {
		const { kept, total, forecast } = await run(ops(), specOf({ clipNorm }, { steps: 2 }));
		expect(kept).toBe(forecast.optimizer);
		if (clipNorm !== null) expect(forecast.workspace).toBe(4 * (96 * 64 + 2 * 64 ** 2));
		expect(total / forecast.total).toBeGreaterThan(0.95);
		expect(total / forecast.total).toBeLessThan(1.02);
	});

	test('repeats bit for bit, also where it was stopped and continued', async () => {
		const whole = await run(ops(), specOf(adjusted));
		const continued = await run(ops(), specOf(adjusted), 3);
		expect(continued.losses).toEqual(whole.losses);
		for (const [name, values] of continued.weights)
			expect(values, name).toEqual(whole.weights.get(name));
	});

	test.runIf(backend !== 'wasm')('rounds matrices to bfloat16 as a run in it asks', async () => {
		const once = async (trainable: 'f32' | 'bf16' | 'bf16-stochastic') => {
			const precision = { frozen: 'f32', trainable } as const;
			const { weights } = await run(ops(), specOf(adjusted, { precision, steps: 1 }));
			return weights.get('model.layers.0.mlp.up_proj.weight')!;
		};
		const [nearest, random] = [await once('bf16'), await once('bf16-stochastic')];
		expectClose(random, await once('f32'), 0.01);
		expect(random).not.toEqual(nearest);
		for (const values of [nearest, random]) expect(asStored(values, 'bf16')).toEqual(values);
	});
});

test('matrices of decoder layers keep one moment, all else two', async () => {
	const { states } = await run(createReferenceOps(), specOf({}, { steps: 1 }));
	for (const [name, kept] of states)
		expect(kept, name).toEqual(/layers\.\d\..*_proj\.weight/.test(name) ? ['m'] : ['m', 'v']);
	expect([...states.values()].filter(({ length }) => length === 1)).toHaveLength(2 * 7);
});

test('embedding, head and norms move as in AdamW, matrices by their own rate', async () => {
	const first = { learningRate: 1e-3, clipNorm: null };
	const still = { ...first, muon: { learningRate: 0 } };
	const once = { steps: 1, schedule: { kind: 'constant', warmupSteps: 0 } } as const;
	const moved = await run(createReferenceOps(), specOf(first, once));
	const resting = await run(createReferenceOps(), specOf(still, once));
	const adamW = await run(createReferenceOps(), specOf({ ...first, kind: 'adamw' }, once));
	const start = await run(createReferenceOps(), specOf({ ...still, learningRate: 0 }, once));
	for (const [name, values] of adamW.weights) {
		const isMatrix = /layers\.\d\..*_proj\.weight/.test(name);
		expect(resting.weights.get(name), name).toEqual(isMatrix ? start.weights.get(name) : values);
		if (isMatrix) expect(moved.weights.get(name), name).not.toEqual(start.weights.get(name));
		else expect(moved.weights.get(name), name).toEqual(values);
	}
});

describe('one update of a matrix', () => {
	const shape = [6, 4];
	async function updated(scale: number, norm: number, clipNorm: number | null, weight = wave(24)) {
		const ops = createReferenceOps();
		const parameter = ops.upload(weight, shape);
		const gradient = ops.upload(
			wave(24, 2).map((value) => value * scale),
			shape,
		);
		const [m, length] = [ops.zeros(shape), ops.upload(Float32Array.of(norm), [1])];
		const { optimizer } = specOf();
		const rates = { learningRate: NaN, scheduled: 0.5, weightDecay: 0.1, step: NaN };
		const step = { ...rates, optimizer, clipNorm };
		updateMatrix(ops, { parameter, moments: { m }, constants: null, step }, gradient, length);
		return { parameter: await ops.read(parameter), m: await ops.read(m) };
	}

	test('takes the gradient clipped as AdamW does', async () => {
		const clipped = await updated(1, 8, 2);
		const expected = await updated(2 / 8.000001, 1, null);
		expectClose(clipped.m, expected.m, 1e-6);
		expectClose(clipped.parameter, expected.parameter, 1e-6);
		expect((await updated(1, 1, 2)).m).toEqual((await updated(1, 1, null)).m);
	});

	test('changes nothing where the norm is not finite', async () => {
		const { parameter, m } = await updated(1, NaN, 2);
		expect(parameter).toEqual(wave(24));
		expect(m).toEqual(new Float32Array(24));
	});

	test('by no gradient at all is decay alone, by the scheduled rate', async () => {
		const { parameter } = await updated(0, 0, 1);
		const keep = 1 - 0.5 * specOf().optimizer.learningRate * 0.1;
		expectClose(
			parameter,
			wave(24).map((value) => value * keep),
			1e-7,
		);
	});
});

test('singular values end near 1, whatever they were', async () => {
	const ops = createReferenceOps();
	const norm = ops.upload(Float32Array.of(1), [1]);
	for (const [rows, columns] of [
		[3, 5],
		[5, 3],
	] as const) {
		// Singular values 100, 1 and 0.5.
		const values = new Float32Array(15);
		for (const [i, value] of [100, -1, 0.5].entries()) values[i * columns + i] = value;
		const pair = [ops.upload(values, [rows, columns]), ops.zeros([rows, columns])] as const;
		const found = await ops.read(newtonSchulz(ops, pair, norm, 9));
		for (const [i, sign] of [1, -1, 1].entries()) {
			const value = sign * found[i * columns + i]!;
			expect(value).toBeGreaterThan(0.6);
			expect(value).toBeLessThan(1.25);
		}
		expect(found.filter((value) => value !== 0)).toHaveLength(3);
	}
});

test('adapters are refused, with what to choose instead', () => {
	const tune = { kind: 'lora', rank: 2, alpha: 2, dropout: 0, targets: ['q_proj'] } as const;
	const spec = specOf({}, { tune: { ...tune, targets: [...tune.targets] } });
	expect(() => planTraining(config, [], spec, everything, 1e9)).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message: expect.stringMatching(/LoRA none of them trains: choose AdamW/) as string,
		}),
	);
});

test('its products are counted', () => {
	const flops = (shape: readonly number[]) =>
		muon.flops({ name: 'model.layers.0.mlp.up_proj.weight', shape }, specOf().optimizer);
	// x xᵀ and U x have 2 · 4 · 4 · 6 operations, S S has 2 · 4 · 4 · 4.
	expect(flops([6, 4])).toBe(5 * (2 * 192 + 128));
	expect(flops([4, 6])).toBe(flops([6, 4]));
	expect(muon.flops({ name: 'lm_head.weight', shape: [6, 4] }, specOf().optimizer)).toBe(0);
});
