/** Runs with weights in fewer bits: receipts, resuming, evaluation against the base, and what WASM says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Precision, WeightFormat } from '../contract/precision.ts';
import type { RunSpec } from '../contract/spec.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import { openDatabase } from '../storage/database.ts';
import { deleteRun } from '../storage/runs.ts';
import { runSpec } from '../storage/testing.ts';
import { type LoadedModel, loadModel, withBaseWeights } from './model.ts';
import { planRun } from './plan.ts';
import { restoreWeights } from './run.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

const front: Partial<RunSpec> = { selection: { method: 'front', k: 2 } };
const lora: Partial<RunSpec> = {
	...front,
	tune: { kind: 'lora', rank: 2, alpha: 4, dropout: 0.1, targets: ['q_proj', 'up_proj'] },
};

onEveryBackend(
	'a run in fewer bits',
	(ops) => {
		const opened: LoadedModel[] = [];
		const tiny = async () => {
			const model = opened[0] ?? (await loadTinyModel(ops()));
			opened[0] = model;
			return model;
		};
		afterAll(() => {
			for (const model of opened) model.release();
		});

		const cases: readonly [WeightFormat, Precision['trainable'], Partial<RunSpec>][] = [
			['bf16', 'bf16-stochastic', front],
			['int8', 'bf16', { ...front, optimizer: { ...runSpec().optimizer, kind: 'adamw-8bit' } }],
			['nf4', 'bf16-stochastic', lora],
			['nf4', 'f32', { ...front, stages: [{ method: 'rear', k: 1 }] }],
		];
		test.each(cases)(
			'frozen %s, trained %s: continued, it is the one that was not stopped',
			async (...of) => {
				const [frozen, trainable, change] = of;
				const model = await tiny();
				const job = await tinyJob(model, { ...change, precision: { frozen, trainable } });
				const db = await openDatabase();
				const whole = await trainJob(ops(), model, job);
				expect(whole.outcome.receipt.frozenUnchanged).toBe(true);
				// Norms are 1, and bf16 keeps them there.
				const trained = [...planRun(ops(), model, job.spec).trainable];
				const moved = new Set(
					whole.outcome.receipt.tensors.flatMap(({ name, before, after }) =>
						before === after ? [] : [name],
					),
				);
				expect(trained.filter((name) => !moved.has(name) && !name.includes('norm'))).toEqual([]);
				await deleteRun(db, job.runId);
				const first = await trainJob(ops(), model, job, (event, gate) => {
					if (event.kind === 'step' && event.step === 2) gate.stop();
				});
				const last = await trainJob(ops(), model, job);
				expect([...first.losses, ...last.losses]).toEqual(whole.losses);
				expect(last.outcome.receipt).toEqual(whole.outcome.receipt);
				// What the device holds is what was forecast.
				const { forecast } = planRun(ops(), model, job.spec);
				const held = [...model.decoder.parameters.values()];
				expect(new Set(held.map(({ tensor }) => tensor.dtype)).has(frozen)).toBe(true);
				expect(forecast.bytes.weights).toBeLessThan(4 * forecast.totalParameters);
				expect((await newestCheckpoint(db, job.runId))?.step).toBe(whole.losses.length);
				await deleteRun(db, job.runId);
			},
		);

		test('weights come back after a look at the base, and when the run is loaded again', async () => {
			const model = await tiny();
			const precision = { frozen: 'nf4', trainable: 'bf16' } as const;
			const job = await tinyJob(model, { ...front, precision });
			await trainJob(ops(), model, job);
			const values = () =>
				Promise.all([...model.decoder.parameters.values()].map(({ tensor }) => ops().read(tensor)));
			const trained = await values();
			await withBaseWeights(ops(), model, async () => {
				expect(await values()).not.toEqual(trained);
			});
			expect(await values()).toEqual(trained);
			const other = await tinyJob(model, { selection: { method: 'rear', k: 1 } });
			await trainJob(ops(), model, other);
			expect(model.decoder.embedding.tensor.dtype).toBe('f32');
			await restoreWeights(ops(), model, await openDatabase(), job.runId);
			expect(await values()).toEqual(trained);
			for (const { runId } of [job, other]) await deleteRun(await openDatabase(), runId);
		});

		test('a model is loaded in the format asked for, and costs as much', async () => {
			const model = await tiny();
			const source = { kind: 'stored', id: model.id ?? '' } as const;
			const before = ops().memory().bytes;
			const inFloats = await loadModel(ops(), source, false, () => undefined);
			expect(ops().memory().bytes - before - inFloats.summary.bytes).toBeLessThan(1000);
			inFloats.release();
			const small = await loadModel(ops(), source, false, () => undefined, 'nf4');
			expect(ops().memory().bytes - before - small.summary.bytes).toBeLessThan(1000);
			expect(small.summary.bytes).toBeLessThan(0.6 * inFloats.summary.bytes);
			small.release();
		});
	},
	['reference', 'webgpu'],
);

describe('WASM', () => {
	let ops: Ops;
	beforeAll(async () => {
		ops = await createWasmOps();
	});
	afterAll(() => {
		ops.dispose();
	});

	test('refuses fewer bits before anything is done, and says what to choose', async () => {
		const model = await loadTinyModel(ops);
		for (const precision of [{ frozen: 'int8' }, { trainable: 'bf16' }] as const) {
			const job = await tinyJob(model, { precision });
			expect(() => planRun(ops, model, job.spec)).toThrow(/f32 only, and .* choose WebGPU/);
			await expect(trainJob(ops, model, job)).rejects.toMatchObject({ name: 'BadInput' });
		}
		const source = { kind: 'stored', id: model.id ?? '' } as const;
		const load = loadModel(ops, source, false, () => undefined, 'nf4');
		await expect(load).rejects.toMatchObject({ name: 'BadInput' });
		const job = await tinyJob(model, { precision: { frozen: 'f32' } });
		expect((await trainJob(ops, model, job)).outcome.status).toBe('finished');
		model.release();
	});
});
