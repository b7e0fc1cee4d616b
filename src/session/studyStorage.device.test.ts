/** A study keeps of every finished run no more than the tensors it trained, and what runs share once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Selection } from '../contract/spec.ts';
import type { Ops } from '../engine/ops.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import { openDatabase } from '../storage/database.ts';
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
	ops.dispose();
});

async function chunkBytes(): Promise<number> {
	const chunks = await (await openDatabase()).getAll('chunks');
	return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const sweep: Selection[] = [
	{ method: 'front', k: 2 },
	{ method: 'rear', k: 2 },
	{ method: 'cogsym', k: 2 },
	{ method: 'full' },
];

test('storage grows by at most the trainable tensors of the runs', async () => {
	const before = await chunkBytes();
	let trainable = 0;
	for (const selection of sweep) {
		const job = await tinyJob(model, { selection, checkpointEvery: 2 });
		const names = planRun(ops, model, job.spec).trainable;
		const shapes = model.shapes.filter(({ name }) => names.has(name));
		trainable += shapes.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
		await trainJob(ops, model, job);
		expect((await chunkBytes()) - before, selection.method).toBeLessThanOrEqual(trainable);
	}
	expect(await chunkBytes()).toBeGreaterThan(before);
});

test('what runs have in common is kept once', async () => {
	// With a rate of 0 nothing changes: both runs end with the tensors of the files.
	const still = { learningRate: 0, weightDecay: 0 };
	const sizes: number[] = [];
	for (const seed of [1, 2]) {
		const job = await tinyJob(model, { selection: { method: 'rear', k: 1 }, seed });
		const optimizer = { ...job.spec.optimizer, ...still };
		const changed = await tinyJob(model, { selection: { method: 'rear', k: 1 }, seed, optimizer });
		await trainJob(ops, model, changed);
		const checkpoint = await newestCheckpoint(await openDatabase(), changed.runId);
		expect(checkpoint?.bytes).toBeGreaterThan(0);
		sizes.push(await chunkBytes());
	}
	expect(sizes[1]).toBe(sizes[0]);
});
