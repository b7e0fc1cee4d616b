/**
 * A run that dies in the middle of an update, with the gradients of half of its micro-batches there, and in the middle of a
 * stage, goes on from its checkpoint as if nothing had happened: every optimizer in every precision, the weights read anew.
 */
import { afterAll, expect, test } from 'vitest';
import { defaultOptimizer, optimizerKinds } from '../contract/optimizers.mjs';
import type { Precision } from '../contract/precision.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { TrainJob } from '../contract/training.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { keysOfRun, openDatabase } from '../storage/database.ts';
import { deleteRun, readRun } from '../storage/runs.ts';
import { runSpec } from '../storage/testing.ts';
import { type LoadedModel, loadModel } from './model.ts';
import { dying, loadTinyModel, tinyJob, trainJob } from './testRun.ts';

const accumulation = 2;

/** Two stages of 4 updates; checkpoints after 2, 4, 6. */
const staged: Partial<RunSpec> = {
	data: { ...runSpec().data, order: 'shuffled' },
	batch: { size: 2, accumulation },
	selection: { method: 'front', k: 2 },
	stages: [{ method: 'rear', k: 2 }],
	steps: 4,
	checkpointEvery: 2,
};
const tune: RunSpec['tune'] = {
	...{ kind: 'lora', rank: 2, alpha: 4, dropout: 0.2, targets: ['q_proj', 'down_proj'] },
};

/** The first region comes back, with the moments that it had: while the second one trains, they wait. */
const thrice: Partial<RunSpec> = { stages: [...staged.stages!, { method: 'cogsym', k: 2 }] };

const f32: Precision = { frozen: 'f32', trainable: 'f32' };
const bits: readonly Precision[] = [
	{ frozen: 'bf16', trainable: 'bf16' },
	{ frozen: 'bf16', trainable: 'bf16-stochastic' },
	{ frozen: 'int8', trainable: 'bf16-stochastic' },
	{ frozen: 'nf4', trainable: 'f32' },
];

onEveryBackend(
	'a run that died in the middle of an update',
	(ops, backend) => {
		const opened: LoadedModel[] = [];
		const fresh = async () => {
			const model = opened.pop();
			const next = model
				? await loadModel(ops(), { kind: 'stored', id: model.id ?? '' }, false, () => undefined)
				: await loadTinyModel(ops());
			model?.release();
			opened.push(next);
			return next;
		};
		afterAll(() => {
			for (const model of opened) model.release();
		});
		const losses = async (id: string) => {
			const { metrics } = await readRun(await openDatabase(), id);
			return metrics.map(({ loss }) => loss);
		};

		/** A run that died is taken up, has `left` updates to go, and ends as the one that did not. */
		const expectResumed = async (
			job: TrainJob,
			left: number,
			expected: readonly number[],
			whole: Awaited<ReturnType<typeof trainJob>>,
		) => {
			const resumed = await trainJob(ops(), await fresh(), job);
			expect(resumed.losses).toHaveLength(left);
			const found = await losses(job.runId);
			expect(found).toHaveLength(expected.length);
			if (backend === 'wasm') {
				expect(found).toEqual(expected);
				expect(resumed.outcome.receipt).toEqual(whole.outcome.receipt);
			}
			for (const [step, loss] of found.entries())
				expect(Math.abs(loss / expected[step]! - 1), `update ${step}`).toBeLessThanOrEqual(1e-6);
		};

		const precisions = backend === 'wasm' ? [f32] : [f32, ...bits];
		const cases = precisions.flatMap((precision) =>
			optimizerKinds.flatMap((kind) =>
				// Adapters once for each precision: the optimizer knows nothing of them.
				(kind === defaultOptimizer ? [undefined, tune] : [undefined]).map((lora) => ({
					...{ precision, kind, lora, by: lora ? 'LoRA' : 'full' },
				})),
			),
		);
		test.each(optimizerKinds)(
			'goes on with moments that wait for a later stage: %s',
			async (kind) => {
				const optimizer = { ...runSpec().optimizer, kind, moments: 'carried' } as const;
				const model = await fresh();
				const job = await tinyJob(model, { ...staged, ...thrice, optimizer });
				const whole = await trainJob(ops(), model, job);
				const expected = await losses(job.runId);
				expect(expected).toHaveLength(12);
				// In the middle of the second stage, and at the border to the third.
				for (const [update, left] of [[7, 6] as const, [9, 4] as const]) {
					await deleteRun(await openDatabase(), job.runId);
					const dead = trainJob(dying(ops(), (update + 1) * accumulation), await fresh(), job);
					await expect(dead).rejects.toThrow('is gone');
					await expectResumed(job, left, expected, whole);
				}
				await deleteRun(await openDatabase(), job.runId);
			},
		);

		const onWasm = test.runIf(backend === 'wasm');
		onWasm(
			'goes on from the checkpoint before the newest where that is damaged, and says so',
			async () => {
				const model = await fresh();
				const job = await tinyJob(model, staged);
				const whole = await trainJob(ops(), model, job);
				const expected = await losses(job.runId);
				const db = await openDatabase();
				await deleteRun(db, job.runId);
				await expect(trainJob(dying(ops(), 8 * accumulation), await fresh(), job)).rejects.toThrow(
					'is gone',
				);
				const [former, newest] = await db.getAll('checkpoints', keysOfRun(job.runId));
				expect([former?.step, newest?.step]).toEqual([4, 6]);
				const damaged = newest!.tensors.at(-1)!;
				await db.delete('chunks', damaged.chunks[0]!.hash);

				const resumed = await trainJob(ops(), await fresh(), job);
				expect(resumed.events.find(({ kind }) => kind === 'fallback')).toMatchObject({
					damaged: 6,
					step: 4,
					why: expect.stringContaining(
						`run ${job.runId} after 6 updates is damaged: ${damaged.kind} of ${damaged.name}`,
					) as string,
				});
				expect(resumed.losses).toHaveLength(4);
				const found = await losses(job.runId);
				expect(found).toEqual(expected);
				expect(resumed.outcome.receipt).toEqual(whole.outcome.receipt);

				// Of a finished run there is no other: it is named, and nothing is dropped.
				const last = await db.getAll('checkpoints', keysOfRun(job.runId));
				expect(last.map(({ step }) => step)).toEqual([8]);
				await db.delete('chunks', last[0]!.tensors[0]!.chunks[0]!.hash);
				await expect(trainJob(ops(), await fresh(), job)).rejects.toThrow(
					/after 8 updates is damaged.*no checkpoint before it/,
				);
				expect(await losses(job.runId)).toEqual(found);
				await deleteRun(db, job.runId);
			},
		);

		test.each(cases)(
			'goes on exactly: $kind, $by, $precision.frozen frozen, $precision.trainable trained',
			async ({ precision, kind, lora }) => {
				const spec: Partial<RunSpec> = {
					...staged,
					...(lora && { tune: lora }),
					...(precision !== f32 && { precision }),
					optimizer: { ...runSpec().optimizer, kind },
				};
				const model = await fresh();
				const job = await tinyJob(model, spec);
				const whole = await trainJob(ops(), model, job);
				const expected = await losses(job.runId);
				expect(expected).toHaveLength(8);
				await deleteRun(await openDatabase(), job.runId);

				await expect(trainJob(dying(ops(), 8 * accumulation), model, job)).rejects.toMatchObject({
					name: 'DeviceLost',
					message:
						`the device is gone. Run ${job.runId} had made 7 updates; ` +
						'it goes on from its checkpoint after update 6.',
				});
				expect(await losses(job.runId)).toEqual(expected.slice(0, 6));
				await expectResumed(job, 2, expected, whole);
				await deleteRun(await openDatabase(), job.runId);
			},
		);
	},
	['wasm', 'webgpu'],
);
