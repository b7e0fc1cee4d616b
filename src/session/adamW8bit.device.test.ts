/** Checkpoints of runs with 8-bit moments. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import { openDatabase } from '../storage/database.ts';
import { deleteRun } from '../storage/runs.ts';
import { runSpec } from '../storage/testing.ts';
import type { LoadedModel } from './model.ts';
import { planRun } from './plan.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

let ops: Ops;
let model: LoadedModel;
beforeAll(async () => {
	ops = await createWasmOps();
	model = await loadTinyModel(ops);
});
afterAll(() => {
	model.release();
	expect(ops.memory().tensors, 'tensors left over').toBe(0);
	ops.dispose();
});

const optimizer = { ...runSpec().optimizer, kind: 'adamw-8bit' } as const;

test('a run stopped and continued is, bit for bit, the one that was not', async () => {
	const job = await tinyJob(model, { optimizer, selection: { method: 'full' }, steps: 8 });
	const db = await openDatabase();
	const whole = await trainJob(ops, model, job);
	await deleteRun(db, job.runId);
	const first = await trainJob(ops, model, job, (event, gate) => {
		if (event.kind === 'step' && event.step === 2) gate.stop();
	});
	expect(first.outcome).toMatchObject({ status: 'stopped', steps: 3 });
	const { tensors, bytes } = (await newestCheckpoint(db, job.runId))!;
	const kindsOf = (name: string) =>
		tensors.filter((tensor) => tensor.name === name).map(({ kind }) => kind);
	expect(kindsOf('lm_head.weight')).toEqual(['weight', 'packed']);
	expect(kindsOf('model.embed_tokens.weight')).toEqual(['weight', 'm', 'v']);
	const { forecast } = planRun(ops, model, job.spec);
	expect(bytes).toBe(4 * forecast.trainableParameters + forecast.bytes.optimizer);
	const last = await trainJob(ops, model, job);
	expect([...first.losses, ...last.losses]).toEqual(whole.losses);
	expect(last.outcome.receipt).toEqual(whole.outcome.receipt);
	const inFloats = await tinyJob(model, { selection: { method: 'full' }, steps: 8 });
	const plain = await trainJob(ops, model, inFloats);
	expect(plain.losses.slice(3)).not.toEqual(whole.losses.slice(3));
});
