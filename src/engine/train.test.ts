import { describe, expect, test } from 'vitest';
import type { LayerSet } from '../contract/spec.ts';
import type { StepEvent, TokenBlock } from '../contract/training.ts';
import { batchSequences } from './batches.ts';
import { expectClose, onEveryBackend } from './kernels/backends.ts';
import { releaseDecoder } from './model/load.ts';
import { type Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { type BackwardPlan } from './model/decoder.ts';
import { backwardPlan, trainableNames } from './plan/plan.ts';
import {
	countingOps,
	gradientBytes,
	tinyBlock,
	tinyConfig,
	tinyDecoder,
	tinySpec,
} from './testing.ts';
import {
	createTrainingState,
	releaseTrainingState,
	train,
	type TrainingSpec,
	type TrainingState,
} from './train.ts';

const rear: LayerSet = { layers: [3], embedding: false, head: true, finalNorm: false };
const both: LayerSet = { layers: [0, 3], embedding: true, head: true, finalNorm: false };
const full: LayerSet = { layers: [0, 1, 2, 3], embedding: true, head: true, finalNorm: true };

const namesOf = (decoder: Decoder) =>
	[...decoder.parameters.values()].map(({ name, tensor }) => ({ name, shape: tensor.shape }));

interface Run {
	readonly decoder: Decoder;
	readonly state: TrainingState;
	readonly trainable: ReadonlySet<string>;
	readonly plan: BackwardPlan;
}

async function prepare(
	ops: Ops,
	set: LayerSet,
	recompute = false,
	config = tinyConfig,
): Promise<Run> {
	const decoder = await tinyDecoder(ops, config);
	const trainable = trainableNames(set, namesOf(decoder));
	const plan = backwardPlan(trainable, config.layers, config.tiedEmbeddings, recompute, set);
	return { decoder, state: createTrainingState(ops, decoder, trainable), trainable, plan };
}

function finish(ops: Ops, { decoder, state }: Run): void {
	releaseTrainingState(ops, state);
	releaseDecoder(ops, decoder);
}

async function steps(
	ops: Ops,
	run: Run,
	spec: TrainingSpec = tinySpec,
	block: TokenBlock = tinyBlock(10),
): Promise<StepEvent[]> {
	const events: StepEvent[] = [];
	const { decoder, plan, trainable, state } = run;
	for await (const event of train(ops, decoder, spec, block, plan, trainable, state))
		events.push(event);
	return events;
}

const losses = (events: readonly StepEvent[]) => events.map(({ loss }) => loss);

async function weights(ops: Ops, { decoder }: Run): Promise<Map<string, Float32Array>> {
	const values = new Map<string, Float32Array>();
	for (const [name, { tensor }] of decoder.parameters) values.set(name, await ops.read(tensor));
	return values;
}

onEveryBackend('training', (ops) => {
	test('frozen parameters have no gradient and no state, and stay bit for bit', async () => {
		const run = await prepare(ops(), both);
		const before = await weights(ops(), run);
		await steps(ops(), run);
		const after = await weights(ops(), run);
		expect([...run.state.moments.keys()].sort()).toEqual([...run.trainable].sort());
		for (const [name, values] of before) {
			const same = values.every((value, i) => Object.is(value, after.get(name)![i]));
			expect(same, `${name} unchanged`).toBe(!run.trainable.has(name));
		}
		expect(run.trainable.size).toBeGreaterThan(20);
		expect(before.size - run.trainable.size).toBeGreaterThan(20);
		finish(ops(), run);
	});

	test('backward stops at the first trainable block', async () => {
		const counted = countingOps(ops());
		const run = await prepare(counted.ops, rear);
		await steps(counted.ops, run, { ...tinySpec, steps: 1 });
		expect(counted.calls.get('attention')).toBe(4);
		expect(counted.calls.get('attentionBackward')).toBe(1);
		expect(counted.calls.get('swigluBackwardInPlace')).toBe(1);
		expect(counted.calls.get('scatterAddRows')).toBeUndefined();
		finish(ops(), run);
	});

	test('backward stops inside a block at the first trainable tensor', async () => {
		const counted = countingOps(ops());
		const run = await prepare(counted.ops, rear);
		const trainable = new Set(['model.layers.3.mlp.down_proj.weight']);
		const { decoder, plan, state } = run;
		const one = { ...tinySpec, steps: 1 };
		const loop = train(counted.ops, decoder, one, tinyBlock(10), plan, trainable, state);
		for await (const { loss } of loop) expect(loss).toBeGreaterThan(0);
		expect(counted.calls.get('linearBackwardWeight')).toBe(1);
		expect(counted.calls.get('swigluBackwardInPlace')).toBeUndefined();
		expect(counted.calls.get('attentionBackward')).toBeUndefined();
		finish(ops(), run);
	});

	test('recomputed activations give the same run, bit for bit', async () => {
		const kept = await prepare(ops(), both);
		const keptLosses = losses(await steps(ops(), kept));
		finish(ops(), kept);
		const recomputed = await prepare(ops(), both, true);
		expect(losses(await steps(ops(), recomputed))).toEqual(keptLosses);
		finish(ops(), recomputed);
	});

	test('a run repeats bit for bit; another seed does not', async () => {
		const results = [];
		for (const seed of [3, 3, 4]) {
			const run = await prepare(ops(), full);
			results.push(losses(await steps(ops(), run, { ...tinySpec, seed })));
			finish(ops(), run);
		}
		expect(results[1]).toEqual(results[0]);
		expect(results[2]).not.toEqual(results[0]);
	});

	test('accumulated micro-batches equal the large batch', async () => {
		const results = [];
		for (const batch of [
			{ size: 4, accumulation: 1 },
			{ size: 2, accumulation: 2 },
			{ size: 1, accumulation: 4 },
		]) {
			const run = await prepare(ops(), full);
			results.push(losses(await steps(ops(), run, { ...tinySpec, batch })));
			finish(ops(), run);
		}
		expectClose(results[1]!, results[0]!, 1e-6);
		expectClose(results[2]!, results[0]!, 1e-6);
	});

	test.each([
		['everything', tinyConfig, full],
		['a tied matrix', { ...tinyConfig, tiedEmbeddings: true }, full],
		['both ends', tinyConfig, both],
	] as const)(
		'updates made in backward are those made after it, bit for bit: %s',
		async (_, config, set) => {
			const results = [];
			// A norm never reached: gradients are kept, and clipping multiplies them by 1.
			for (const clipNorm of [1e30, null]) {
				const tracked = gradientBytes(ops());
				const run = await prepare(tracked.ops, set, false, config);
				const spec = { ...tinySpec, optimizer: { ...tinySpec.optimizer, clipNorm } };
				const events = await steps(tracked.ops, run, spec);
				results.push({ events, weights: await weights(ops(), run), peak: tracked.peak() });
				finish(ops(), run);
			}
			const [after, inBackward] = results;
			expect(losses(inBackward!.events)).toEqual(losses(after!.events));
			expect(inBackward!.weights).toEqual(after!.weights);
			const norms = ({ events }: NonNullable<typeof after>) =>
				events.map(({ gradientNorm }) => gradientNorm);
			expectClose(norms(inBackward!), norms(after!), 2e-6);
			// The largest tensor is embedding or head; tied, it waits for its second part beside a block's.
			const largest = 4 * 40 * 16;
			const beside = config.tiedEmbeddings ? 4 * 24 * 16 : 0;
			expect(inBackward!.peak).toBe(largest + beside);
			expect(after!.peak).toBeGreaterThan(3 * largest);
		},
	);

	test.each([1, 2])(
		'a clip norm of 0 is no clipping, bit for bit, with %s micro-batches',
		async (accumulation) => {
			const results = [];
			for (const clipNorm of [null, 0]) {
				const run = await prepare(ops(), both);
				const before = await weights(ops(), run);
				const batch = { ...tinySpec.batch, accumulation };
				const optimizer = { ...tinySpec.optimizer, clipNorm };
				const events = await steps(ops(), run, { ...tinySpec, batch, optimizer });
				results.push({ losses: losses(events), weights: await weights(ops(), run) });
				expect(results.at(-1)!.weights).not.toEqual(before);
				finish(ops(), run);
			}
			expect(results[1]).toEqual(results[0]);
		},
	);

	test('stopped and continued equals uninterrupted, bit for bit', async () => {
		const whole = await prepare(ops(), both);
		const expected = losses(await steps(ops(), whole));
		finish(ops(), whole);
		const run = await prepare(ops(), both);
		const { decoder, plan, trainable, state } = run;
		const seen: number[] = [];
		for await (const event of train(
			ops(),
			decoder,
			tinySpec,
			tinyBlock(10),
			plan,
			trainable,
			state,
		)) {
			seen.push(event.loss);
			if (event.step === 2) break;
		}
		expect(state.step).toBe(3);
		seen.push(...losses(await steps(ops(), run)));
		expect(seen).toEqual(expected);
		finish(ops(), run);
	});

	test.each([1, null])(
		'a loss that is not finite ends the run and leaves the weights, clip %s',
		async (clipNorm) => {
			const run = await prepare(ops(), rear);
			const norm = run.decoder.finalNorm.tensor;
			ops().write(norm, Float32Array.of(NaN), 0);
			const before = await weights(ops(), run);
			const spec = { ...tinySpec, optimizer: { ...tinySpec.optimizer, clipNorm } };
			await expect(steps(ops(), run, spec)).rejects.toMatchObject({
				name: 'NotFinite',
				message: expect.stringContaining('Step 0') as string,
			});
			expect(await weights(ops(), run)).toEqual(before);
			finish(ops(), run);
		},
	);

	test.each([1, null])(
		'a gradient that is not finite is told by the name of its tensor, clip %s',
		async (clipNorm) => {
			// Of all gradients only that of one matrix goes wrong; backward comes to it after head, norm and a block.
			const name = 'model.layers.2.mlp.down_proj.weight';
			let products = 0;
			const linearBackwardWeight: Ops['linearBackwardWeight'] = (dy, x, into) => {
				const gradient = ops().linearBackwardWeight(dy, x, into);
				if (gradient.shape.join() === '16,24' && products++ === 5)
					ops().write(gradient, Float32Array.of(Infinity), 3);
				return gradient;
			};
			const broken = new Proxy(ops(), {
				get: (target, key) =>
					key === 'linearBackwardWeight'
						? linearBackwardWeight
						: (Reflect.get(target, key) as unknown),
			});
			const run = await prepare(broken, full);
			const spec = { ...tinySpec, optimizer: { ...tinySpec.optimizer, clipNorm } };
			await expect(steps(broken, run, spec)).rejects.toMatchObject({
				name: 'NotFinite',
				message: expect.stringMatching(`^Step 1: .*${name}\\. `) as string,
			});
			expect(run.state.step).toBe(1);
			finish(ops(), run);
			expect(ops().memory().tensors).toBe(0);
		},
	);

	test('nothing leaks over 200 updates', async () => {
		const run = await prepare(ops(), both);
		const { decoder, plan, trainable, state } = run;
		const spec = { ...tinySpec, steps: 200 };
		const use: string[] = [];
		for await (const event of train(ops(), decoder, spec, tinyBlock(10), plan, trainable, state))
			if (event.step % 20 === 19) use.push(JSON.stringify(ops().memory()));
		expect(new Set(use.slice(1)).size, use.join('\n')).toBe(1);
		finish(ops(), run);
		expect(ops().memory()).toMatchObject({ tensors: 0, bytes: 0 });
	});
});

describe('the order of the data', () => {
	test('sequential goes through and starts over', () => {
		const spec = {
			...tinySpec,
			batch: { size: 4, accumulation: 1 },
			data: { order: 'sequential' },
		} as const;
		expect([0, 1, 2].map((micro) => batchSequences(spec, 5, micro))).toEqual([
			[0, 1, 2, 3],
			[4, 0, 1, 2],
			[3, 4, 0, 1],
		]);
	});

	test('shuffled takes every sequence once per epoch, in another order each time', () => {
		const spec = { ...tinySpec, batch: { size: 5, accumulation: 1 } };
		const epochs = [0, 1].map((micro) => batchSequences(spec, 5, micro));
		for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4]);
		expect(epochs[0]).not.toEqual(epochs[1]);
	});
});
