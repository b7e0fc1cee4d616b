import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OptimizerKind, optimizerKinds } from '../contract/optimizers.mjs';
import { sha256 } from '../contract/sha256.ts';
import type { EvaluationTask } from '../contract/evaluation.ts';
import type { RunSpec, Selection } from '../contract/spec.ts';
import type { TrainingEvent, TrainJob } from '../contract/training.ts';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import { openDatabase } from '../storage/database.ts';
import { deleteRun, readRun } from '../storage/runs.ts';
import { runSpec } from '../storage/testing.ts';
import { evaluate } from './evaluate.ts';
import { withBaseWeights, type LoadedModel } from './model.ts';
import { planRun } from './plan.ts';
import { restoreWeights } from './run.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

const layers = (...numbers: number[]): Selection => ({
	method: 'layers',
	layers: numbers,
	embedding: false,
	head: false,
	finalNorm: false,
});

const tasks: EvaluationTask[] = [
	{
		kind: 'generation',
		name: 'words',
		subject: 'English',
		items: ['dog', 'house', 'red'].map((answer) => ({
			prompt: `English: cat\nGerman: Katze\nEnglish: ${answer}\nGerman: `,
			answer,
		})),
	},
	{
		kind: 'choice',
		name: 'sentiment',
		subject: 'English',
		items: [{ prompt: 'English: good = ', answer: '+', options: ['+', '-', '0'] }],
	},
];
const probe: TrainJob['probe'] = { tasks, every: 2 };

let ops: Ops;
let model: LoadedModel;
beforeAll(async () => {
	ops = await createWasmOps();
	model = await loadTinyModel(ops);
});
beforeEach(async () => {
	const db = await openDatabase();
	for (const id of await db.getAllKeys('runs')) await deleteRun(db, id);
	db.close();
});
afterAll(() => {
	model.release();
	expect(ops.memory().tensors, 'tensors left over').toBe(0);
	ops.dispose();
});

const stored = async (id: string) => readRun(await openDatabase(), id);
const forget = async (id: string) => deleteRun(await openDatabase(), id);
/** sha-256 of the values of parameters, by name. */
async function hashes(names: Iterable<string>): Promise<Record<string, string>> {
	const values: Record<string, string> = {};
	for (const name of names) {
		const { tensor } = model.decoder.parameters.get(name)!;
		const { buffer } = (await ops.read(tensor)).slice();
		values[name] = await sha256(new Uint8Array(buffer));
	}
	return values;
}
const stopAfter = (step: number) => (event: TrainingEvent, gate: { stop: () => void }) => {
	if (event.kind === 'step' && event.step === step - 1) gate.stop();
};

describe('a probe', () => {
	test('measures before, during and after, and changes no bit of the run', async () => {
		const job = await tinyJob(model, { steps: 5 });
		const plain = await trainJob(ops, model, job);
		const weights = await hashes(model.changed);
		await forget(job.runId);
		const probed = await trainJob(ops, model, { ...job, probe });
		expect(probed.losses).toEqual(plain.losses);
		expect(await hashes(model.changed)).toEqual(weights);
		const measured = probed.events.filter((event) => event.kind === 'measured');
		expect(measured.map(({ step }) => step)).toEqual([0, 2, 4, 5]);
		expect(measured.map(({ predictions }) => predictions.length)).toEqual([4, 4, 4, 4]);
		expect(measured.map(({ rows }) => rows[0]?.weights)).toEqual([
			...['base', 'adapted', 'adapted', 'adapted'],
		]);
		const kinds = probed.events.map(({ kind }) => kind);
		expect(kinds.indexOf('measured')).toBeLessThan(kinds.indexOf('step'));
		const { measurements } = await stored(job.runId);
		expect(measurements.map(({ step, rows }) => ({ step, rows }))).toEqual(
			measured.map(({ step, rows }) => ({ step, rows })),
		);
		expect(measurements.map(({ predictions }) => predictions.length)).toEqual([4, 0, 0, 4]);
		const control = { onProgress: () => undefined, check: () => undefined };
		const now = await evaluate(ops, model, { weights: 'current', tasks }, control);
		expect(now).toEqual({ rows: measured[3]!.rows, predictions: measured[3]!.predictions });
		const base = await withBaseWeights(ops, model, () =>
			evaluate(ops, model, { weights: 'base', tasks }, control),
		);
		expect(base.predictions).toEqual(measured[0]!.predictions);
	});

	test('neither repeats nor loses a measurement where the run is stopped and goes on', async () => {
		const job = await tinyJob(model, {}, probe);
		const whole = await trainJob(ops, model, job);
		const expected = (await stored(job.runId)).measurements;
		expect(expected.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
		await forget(job.runId);
		// Stopped in the measurement before the first update, then after updates 3 and 4 (measured and not yet).
		let asked = 0;
		const interrupted = await trainJob(ops, model, job, (event, gate) => {
			if (event.kind === 'state' && asked++ === 0) queueMicrotask(gate.stop);
		});
		expect(interrupted.outcome).toMatchObject({ status: 'stopped', steps: 0 });
		const parts = [];
		for (const until of [3, 4]) parts.push(await trainJob(ops, model, job, stopAfter(until)));
		parts.push(await trainJob(ops, model, job));
		expect(parts.flatMap(({ losses }) => losses)).toEqual(whole.losses);
		const steps = parts.map(({ events }) =>
			events.flatMap((event) => (event.kind === 'measured' ? [event.step] : [])),
		);
		expect(steps).toEqual([[0, 2], [], [4, 6]]);
		expect((await stored(job.runId)).measurements).toEqual(expected);
	});
});

describe('a run that goes wrong', () => {
	test('in its numbers keeps the last good checkpoint, and says so', async () => {
		const job = await tinyJob(model, { steps: 6, checkpointEvery: 2 });
		const good = await trainJob(ops, model, job, stopAfter(2));
		expect(good.outcome.steps).toBe(2);
		const weights = await hashes(model.changed);
		const down = model.decoder.parameters.get('model.layers.0.mlp.down_proj.weight')!.tensor;
		const broken = trainJob(ops, model, job, ({ kind, ...event }) => {
			if (kind === 'step' && 'step' in event && event.step === 2)
				ops.write(down, Float32Array.of(NaN));
		});
		await expect(broken).rejects.toMatchObject({
			name: 'NotFinite',
			message: expect.stringMatching(
				/^Step 3: loss NaN.* that of .*after 2 updates is kept/,
			) as string,
		});
		const { record } = await stored(job.runId);
		expect(record).toMatchObject({ status: 'failed', checkpointStep: 2 });
		expect(record.error).toContain('Step 3');
		await restoreWeights(ops, model, await openDatabase(), job.runId);
		expect(await hashes(Object.keys(weights))).toEqual(weights);
	});

	test('because it needs more than the device may hold is refused before anything is done', async () => {
		const job = await tinyJob(model, { recompute: 'always' });
		await model.reset();
		const { total } = planRun(ops, model, job.spec).forecast.bytes;
		const before = ops.memory();
		const refused = trainJob(ops, model, job, undefined, total - 1);
		await expect(refused).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(/nothing was allocated.*It fits with/) as string,
		});
		expect(ops.memory()).toEqual(before);
		await expect(stored(job.runId)).rejects.toMatchObject({ name: 'NotFound' });
		const trained = await trainJob(ops, model, job, undefined, total);
		expect(trained.outcome.status).toBe('finished');
	});
});

describe('stages', () => {
	const staged = { selection: layers(0), stages: [layers(3), layers(0, 2)], steps: 4 };

	test('train one region after the other, each with an optimizer and a schedule of its own', async () => {
		const job = await tinyJob(model, staged);
		await model.reset();
		const before = await hashes(model.decoder.parameters.keys());
		const { outcome, events, losses } = await trainJob(ops, model, job);
		expect(outcome).toMatchObject({ status: 'finished', steps: 12 });
		const steps = events.filter((event) => event.kind === 'step');
		expect(steps.map(({ step }) => step)).toEqual([...Array(12).keys()]);
		const rates = steps.map(({ learningRate }) => learningRate);
		expect([rates.slice(4, 8), rates.slice(8)]).toEqual([rates.slice(0, 4), rates.slice(0, 4)]);
		expect(rates[0]).not.toBe(rates[1]);
		const changed = outcome.receipt.tensors.filter((row) => row.before !== row.after);
		expect(new Set(changed.map(({ name }) => Number(name.split('.')[2])))).toEqual(
			new Set([0, 2, 3]),
		);
		expect(outcome.receipt.frozenUnchanged).toBe(true);
		expect(changed.every(({ trainable }) => trainable)).toBe(true);

		// The first stage is the run of its region alone; the second one continues its data.
		const first = { selection: staged.selection, steps: staged.steps };
		const alone = await trainJob(ops, model, await tinyJob(model, first));
		expect(losses.slice(0, 4)).toEqual(alone.losses);
		await model.reset();
		expect(await hashes(model.decoder.parameters.keys())).toEqual(before);
	});

	test('only the running stage has moments, on the device and in checkpoints', async () => {
		const job = await tinyJob(model, { ...staged, checkpointEvery: 1 });
		const { stages } = planRun(ops, model, job.spec);
		const [front, rear] = stages.map(({ trainable }) => trainable.size);
		const counts: Record<number, { weights: number; moments: number; tensors: number }> = {};
		const db = await openDatabase();
		const counting: Promise<void>[] = [];
		await trainJob(ops, model, job, ({ kind, ...event }) => {
			if (kind !== 'checkpoint' || !('step' in event)) return;
			const { tensors } = ops.memory();
			counting.push(
				newestCheckpoint(db, job.runId).then((checkpoint) => {
					const kinds = checkpoint!.tensors.map((tensor) => tensor.kind);
					const weights = kinds.filter((name) => name === 'weight').length;
					counts[checkpoint!.step] = { weights, moments: kinds.length - weights, tensors };
				}),
			);
		});
		await Promise.all(counting);
		const idle = ops.memory().tensors;
		expect(counts[3]).toEqual({ weights: front, moments: 2 * front!, tensors: idle + 2 * front! });
		expect(counts[4]).toMatchObject({ weights: front, moments: 0 });
		expect(counts[5]).toEqual({
			weights: front! + rear!,
			moments: 2 * rear!,
			tensors: idle + 2 * rear!,
		});
		expect(counts[11]).toMatchObject({ weights: 3 * front!, moments: 4 * front! });
		expect(counts[12]).toMatchObject({ weights: 3 * front!, moments: 0 });
	});

	test.each([[[2]], [[4]], [[5]], [[8]], [[3, 4, 7, 8, 11]]])(
		'stopped after %j updates and continued, bit for bit the same',
		async (stops) => {
			const job = await tinyJob(model, staged);
			const whole = await trainJob(ops, model, job);
			const weights = await hashes(model.changed);
			await forget(job.runId);
			const losses: number[] = [];
			for (const stop of stops) {
				const part = await trainJob(ops, model, job, stopAfter(stop));
				expect(part.outcome).toMatchObject({ status: 'stopped', steps: stop });
				losses.push(...part.losses);
			}
			const last = await trainJob(ops, model, job);
			expect([...losses, ...last.losses]).toEqual(whole.losses);
			expect(await hashes(model.changed)).toEqual(weights);
			expect(last.outcome.receipt).toEqual(whole.outcome.receipt);
			await restoreWeights(ops, model, await openDatabase(), job.runId);
			expect(await hashes(Object.keys(weights))).toEqual(weights);
		},
	);

	const carrying = (moments: 'fresh' | 'carried', kind: OptimizerKind): Partial<RunSpec> => ({
		schedule: { kind: 'constant', warmupSteps: 0 },
		optimizer: { ...runSpec().optimizer, kind, moments },
	});
	const lossesOf = async (spec: Partial<RunSpec>) =>
		(await trainJob(ops, model, await tinyJob(model, spec))).losses;

	test.each(optimizerKinds)(
		'of one region, with moments carried over, are one run of all updates: %s',
		async (kind) => {
			const whole = { selection: { method: 'full' }, steps: 12 } as const;
			const staged = { ...whole, steps: 4, stages: [whole.selection, whole.selection] };
			const expected = await lossesOf({ ...whole, ...carrying('fresh', kind) });
			expect(await lossesOf({ ...staged, ...carrying('carried', kind) })).toEqual(expected);
			expect(await lossesOf({ ...staged, ...carrying('fresh', kind) })).not.toEqual(expected);
		},
	);

	test('carry the moments of tensors that come back after a stage that leaves them alone', async () => {
		const spec = { selection: layers(0), stages: [layers(3), layers(0, 1)], steps: 2 };
		const fresh = await lossesOf({ ...spec, ...carrying('fresh', 'adamw') });
		const carried = await lossesOf({ ...spec, ...carrying('carried', 'adamw') });
		// The third stage's first loss is before its first update.
		expect(carried.slice(0, 5)).toEqual(fresh.slice(0, 5));
		expect(carried[5]).not.toBe(fresh[5]);
	});

	test('train adapters of one region after the other', async () => {
		const tune = { kind: 'lora', rank: 2, alpha: 4, dropout: 0, targets: ['q_proj', 'up_proj'] };
		const spec = { selection: layers(0), stages: [layers(3)], steps: 3, tune } as Partial<RunSpec>;
		const job = await tinyJob(model, spec);
		const whole = await trainJob(ops, model, job);
		const changed = whole.outcome.receipt.tensors.filter((row) => row.before !== row.after);
		expect(changed.map(({ name }) => /layers\.(\d)\..*lora_/.exec(name)?.[1])).toEqual([
			...Array<string>(4).fill('0'),
			...Array<string>(4).fill('3'),
		]);
		expect(whole.outcome.receipt.frozenUnchanged).toBe(true);
		await forget(job.runId);
		const first = await trainJob(ops, model, job, stopAfter(4));
		const last = await trainJob(ops, model, job);
		expect([...first.losses, ...last.losses]).toEqual(whole.losses);
		expect(last.outcome.receipt).toEqual(whole.outcome.receipt);
	});

	test('the forecast is that of the largest', async () => {
		const forecast = async (selection: Selection, stages?: Selection[]) =>
			planRun(ops, model, (await tinyJob(model, { selection, ...(stages ? { stages } : {}) })).spec)
				.forecast;
		const large = await forecast({ method: 'full' });
		expect(await forecast(layers(0), [{ method: 'full' }, layers(1)])).toEqual(large);
		expect(large.bytes.total).toBeGreaterThan((await forecast(layers(0))).bytes.total);
	});
});
