import { expect, test, vi } from 'vitest';
import {
	formerCheckpoint,
	newestCheckpoint,
	readCheckpointTensor,
	saveCheckpoint,
	type TensorToSave,
} from './checkpoints.ts';
import type { CheckpointRecord, LabDatabase } from './database.ts';
import { deleteRun, readRun, startRun, updateRun } from './runs.ts';
import {
	diskFull,
	environment,
	freshDatabase,
	runSpec,
	someTensors,
	stepEvents,
	tensorValues,
} from './testing.ts';

async function runWithCheckpoint(): Promise<{ db: LabDatabase; runId: string }> {
	const db = await freshDatabase();
	const runId = (await startRun(db, runSpec(), environment)).record.id;
	await save(db, runId, 10, someTensors(1));
	return { db, runId };
}

function save(
	db: LabDatabase,
	runId: string,
	step: number,
	tensors: AsyncIterable<TensorToSave>,
): Promise<CheckpointRecord> {
	const metrics = stepEvents(step - 10, step);
	return saveCheckpoint(db, { runId, step, metrics }, tensors);
}

async function bitsOf(db: LabDatabase, checkpoint: CheckpointRecord): Promise<Uint8Array[]> {
	const tensors = checkpoint.tensors.map((tensor) => readCheckpointTensor(db, checkpoint, tensor));
	return (await Promise.all(tensors)).map((values) => new Uint8Array(values.buffer));
}

function expectedBits(seed: number): Uint8Array[] {
	return [0, 1, 2].map((index) => new Uint8Array(tensorValues(seed, index).buffer));
}

test('a checkpoint comes back bit for bit, with its state and metrics', async () => {
	const { db, runId } = await runWithCheckpoint();
	const checkpoint = await newestCheckpoint(db, runId);
	expect(checkpoint).toMatchObject({ step: 10, bytes: 4 * (4 + 8 + 12) });
	expect(checkpoint!.tensors.map(({ name, kind, shape }) => [name, kind, shape])).toEqual([
		['layer.0', 'weight', [1, 4]],
		['layer.1', 'weight', [2, 4]],
		['layer.2', 'weight', [3, 4]],
	]);
	expect(await bitsOf(db, checkpoint!)).toEqual(expectedBits(1));
	const { record, metrics } = await readRun(db, runId);
	expect(record).toMatchObject({ checkpointStep: 10, steps: 10 });
	expect(metrics).toEqual(stepEvents(0, 10));
});

test('the newest checkpoint and the one before are kept, no other', async () => {
	const { db, runId } = await runWithCheckpoint();
	await save(db, runId, 20, someTensors(2));
	await save(db, runId, 30, someTensors(3));
	expect(await db.getAllKeys('checkpoints')).toEqual([
		[runId, 20],
		[runId, 30],
	]);
	expect(await db.count('chunks')).toBe(6);
	const newest = (await newestCheckpoint(db, runId))!;
	expect(newest.step).toBe(30);
	expect(await bitsOf(db, newest)).toEqual(expectedBits(3));
	const former = (await formerCheckpoint(db, newest))!;
	expect(former.step).toBe(20);
	expect(await bitsOf(db, former)).toEqual(expectedBits(2));
	// Written again after the same updates, it takes its own place.
	await save(db, runId, 30, someTensors(4));
	expect(await db.count('checkpoints')).toBe(2);
	expect(await db.count('chunks')).toBe(6);
});

test('of a finished run the newest checkpoint alone is kept', async () => {
	const { db, runId } = await runWithCheckpoint();
	await save(db, runId, 20, someTensors(2));
	await updateRun(db, runId, { status: 'stopped' });
	expect(await db.count('checkpoints')).toBe(2);
	await updateRun(db, runId, { status: 'finished' });
	expect(await db.getAllKeys('checkpoints')).toEqual([[runId, 20]]);
	expect(await db.count('chunks')).toBe(3);
});

test('a tensor that did not change is not stored again', async () => {
	const { db, runId } = await runWithCheckpoint();
	const other = (await startRun(db, runSpec({ seed: 2 }), environment)).record.id;
	await save(db, other, 10, someTensors(1));
	expect(await db.count('checkpoints')).toBe(2);
	expect(await db.count('chunks')).toBe(3);
	await deleteRun(db, other);
	expect(await bitsOf(db, (await newestCheckpoint(db, runId))!)).toEqual(expectedBits(1));
	await deleteRun(db, runId);
	expect(await db.count('chunks')).toBe(0);
});

test('a checkpoint that fails half-way is never seen, the former one stays whole', async () => {
	const { db, runId } = await runWithCheckpoint();
	await expect(save(db, runId, 20, someTensors(2, 2))).rejects.toThrow('device lost');
	const checkpoint = await newestCheckpoint(db, runId);
	expect(checkpoint!.step).toBe(10);
	expect(await bitsOf(db, checkpoint!)).toEqual(expectedBits(1));
	expect((await readRun(db, runId)).record).toMatchObject({ checkpointStep: 10, steps: 10 });
	// The collector took what the torn write left.
	expect(await db.count('chunks')).toBe(3);
});

test('running out of space while writing names what is needed and keeps the former one', async () => {
	const { db, runId } = await runWithCheckpoint();
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(diskFull);
	const refusal = save(db, runId, 20, someTensors(2));
	await expect(refusal).rejects.toMatchObject({ name: 'QuotaExceeded' });
	await expect(refusal).rejects.toThrow(
		/checkpoint of run \w+ after 20 updates: at least 96 bytes are needed/,
	);
	expect(await bitsOf(db, (await newestCheckpoint(db, runId))!)).toEqual(expectedBits(1));
});

test('a damaged checkpoint says run, update, tensor and chunk, and what it can go on from', async () => {
	const { db, runId } = await runWithCheckpoint();
	const checkpoint = (await newestCheckpoint(db, runId))!;
	const tensor = checkpoint.tensors[1]!;
	const { hash } = tensor.chunks[0]!;
	await db.put('chunks', new ArrayBuffer(32), hash);
	const reading = readCheckpointTensor(db, checkpoint, tensor);
	await expect(reading).rejects.toMatchObject({ name: 'Damaged' });
	await expect(reading).rejects.toThrow(
		`checkpoint of run ${runId} after 10 updates is damaged: weight of layer.1, chunk ${hash}, has other bytes`,
	);
	await expect(reading).rejects.toThrow('There is no checkpoint before it: delete the run');

	await save(db, runId, 20, someTensors(2));
	const newest = (await newestCheckpoint(db, runId))!;
	await db.delete('chunks', newest.tensors[2]!.chunks[0]!.hash);
	await expect(readCheckpointTensor(db, newest, newest.tensors[2]!)).rejects.toThrow(
		/after 20 updates is damaged: weight of layer\.2, .* is missing.*checkpoint after 10 updates: resume it/,
	);
});

test('a run whose newest checkpoint is damaged goes back to the one before', async () => {
	const { db, runId } = await runWithCheckpoint();
	await save(db, runId, 20, someTensors(2));
	const { record, checkpoint } = await startRun(db, runSpec(), environment, 20);
	expect(record).toMatchObject({ steps: 10, checkpointStep: 10 });
	expect(checkpoint!.step).toBe(10);
	expect(await db.getAllKeys('checkpoints')).toEqual([[runId, 10]]);
	expect((await readRun(db, runId)).metrics).toEqual(stepEvents(0, 10));
});

test('a run deleted meanwhile gets no checkpoint', async () => {
	const { db, runId } = await runWithCheckpoint();
	await deleteRun(db, runId);
	await expect(save(db, runId, 20, someTensors(2))).rejects.toMatchObject({ name: 'NotFound' });
	expect(await db.count('checkpoints')).toBe(0);
	expect(await db.count('chunks')).toBe(0);
});

test('a tensor of words comes back word for word, and bytes are counted with what is stored already', async () => {
	const { db, runId } = await runWithCheckpoint();
	const words = new Int32Array([-1, 0x7f800001, 3]);
	async function* tensors() {
		yield { name: 'a', kind: 'packed' as const, shape: [3], data: words };
		yield* someTensors(1);
	}
	const saved = await save(db, runId, 20, tensors());
	expect(saved).toMatchObject({ runId, step: 20, bytes: 12 + 96 });
	expect(await newestCheckpoint(db, runId)).toEqual(saved);
	const values = await readCheckpointTensor(db, saved, saved.tensors[0]!);
	expect(new Int32Array(values.buffer)).toEqual(words);
});

test('what a run has got is told by its checkpoint', async () => {
	const { db, runId } = await runWithCheckpoint();
	const { record } = await readRun(db, runId);
	const saved = (await newestCheckpoint(db, runId))!;
	expect(record.updatedAt).toBe(saved.savedAt);
	// Without metrics: those of its updates are stored already.
	await saveCheckpoint(db, { runId, step: 8 }, someTensors(2));
	expect((await readRun(db, runId)).record).toMatchObject({ steps: 10, checkpointStep: 8 });
});

test('none is newest, and none former, where there is none', async () => {
	const { db, runId } = await runWithCheckpoint();
	const only = (await newestCheckpoint(db, runId))!;
	expect(await formerCheckpoint(db, only)).toBeNull();
	expect(await newestCheckpoint(db, 'another run')).toBeNull();
});

test('a run deleted while its tensors are stored is named, and nothing of it stays', async () => {
	const { db, runId } = await runWithCheckpoint();
	async function* slow() {
		yield* someTensors(2);
		await deleteRun(db, runId);
	}
	await expect(save(db, runId, 20, slow())).rejects.toMatchObject({
		name: 'NotFound',
		message: `Run ${runId} was deleted; its checkpoint is not kept.`,
	});
	expect(await db.count('metrics')).toBe(0);
	expect(await db.count('chunks')).toBe(0);
});

test('the numbers of a refusal are those of the whole checkpoint', async () => {
	const { db, runId } = await runWithCheckpoint();
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(diskFull);
	const expectedBytes = 5_000_000;
	await expect(
		saveCheckpoint(db, { runId, step: 20, expectedBytes }, someTensors(2)),
	).rejects.toThrow('after 20 updates: at least 5.0 MB are needed');
	// All of its chunks are there: what fails is the commit.
	vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(diskFull);
	await expect(save(db, runId, 20, someTensors(1))).rejects.toThrow('at least 96 bytes are needed');
	expect((await newestCheckpoint(db, runId))!.step).toBe(10);
});
