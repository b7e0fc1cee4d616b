/** A checkpoint is compared with the run and the model before anything of it is put on the device. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingEvent } from '../contract/training.ts';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import { type CheckpointRecord, openDatabase } from '../storage/database.ts';
import { startRun } from '../storage/runs.ts';
import { environment } from '../storage/testing.ts';
import type { Gate } from './gate.ts';
import type { LoadedModel } from './model.ts';
import { restoreWeights } from './run.ts';
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

const stopAfterTwo = (event: TrainingEvent, gate: Gate) => {
	if (event.kind === 'step' && event.step === 1) gate.stop();
};
const checkpointOf = async (runId: string) =>
	(await newestCheckpoint(await openDatabase(), runId))!;
const put = async (checkpoint: CheckpointRecord) => {
	await (await openDatabase()).put('checkpoints', checkpoint);
};
const refused = async (runId: string, message: RegExp) => {
	const error = { name: 'BadInput', message: expect.stringMatching(message) as string };
	await expect(restoreWeights(ops, model, await openDatabase(), runId)).rejects.toMatchObject(
		error,
	);
};

test('a checkpoint that is not one of the run and the model is refused with run and tensor, and changes nothing', async () => {
	const job = await tinyJob(model, {});
	await trainJob(ops, model, job, stopAfterTwo);
	const { runId } = job;
	const good = await checkpointOf(runId);
	const [weight, ...rest] = good.tensors;
	await model.reset();
	const before = ops.memory();
	for (const [tensors, message] of [
		[[{ ...weight!, shape: [1, 2] }, ...rest], /is \[1, 2\] in it and \[/],
		[[{ ...weight!, name: 'other.weight' }, ...good.tensors], /other\.weight .* does not train/],
		[[{ ...weight!, chunks: [] }, ...rest], /has 0 bytes in it/],
		[rest, /lacks model\.embed/],
	] as const) {
		await put({ ...good, tensors });
		await refused(runId, message);
		await refused(runId, new RegExp(`run ${runId} after 2 updates`));
		await expect(trainJob(ops, model, job)).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(message) as string,
		});
		expect(ops.memory()).toMatchObject({ tensors: before.tensors, bytes: before.bytes });
	}
	await put(good);
	const other = { ...job.spec, model: 'another' };
	const id = (await startRun(await openDatabase(), other, environment)).record.id;
	await put({ ...good, runId: id });
	await refused(id, /trains model another, which is not loaded/);
	expect((await trainJob(ops, model, job)).outcome.status).toBe('finished');
});
