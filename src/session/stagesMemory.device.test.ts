/** Two regions trained one after the other take the memory of one: gradients and moments, measured and as forecast. */
import { expect, test } from 'vitest';
import type { RunSpec, Selection } from '../contract/spec.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import type { Ops } from '../engine/ops.ts';
import { gradientBytes } from '../engine/testing.ts';
import { openDatabase } from '../storage/database.ts';
import { deleteRun } from '../storage/runs.ts';
import type { LoadedModel } from './model.ts';
import { planRun } from './plan.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

const layers = (...numbers: number[]): Selection => ({
	method: 'layers',
	layers: numbers,
	embedding: false,
	head: false,
	finalNorm: false,
});
const front = layers(0, 1);
const rear = layers(2, 3);

/** Bytes of a run, by what it allocates: most at a time. */
async function measure(ops: Ops, model: LoadedModel, change: Partial<RunSpec>) {
	const tracked = gradientBytes(ops);
	const { data } = (await tinyJob(model, {})).spec;
	const job = await tinyJob(model, {
		...change,
		data: { ...data, sequenceLength: 12 },
		steps: 3,
	});
	const { forecast } = planRun(ops, model, job.spec);
	await model.reset();
	const idle = ops.memory().bytes;
	ops.resetPeak();
	let moments = 0;
	let total = 0;
	await trainJob(tracked.ops, model, job, ({ kind }) => {
		// Between two updates there is nothing of a run but its moments.
		if (kind !== 'step') return;
		moments = Math.max(moments, ops.memory().bytes - idle);
		// Not at the end: the receipt makes copies of its own.
		total = ops.memory().peakBytes;
	});
	const db = await openDatabase();
	await deleteRun(db, job.runId);
	db.close();
	return { held: tracked.peak() + moments, total, forecast };
}

onEveryBackend(
	'two stages',
	(ops) => {
		test.each([
			['kept for clipping', 1],
			['used in backward', null],
		] as const)('take about half of the joint run, gradients %s', async (_, clipNorm) => {
			const model = await loadTinyModel(ops());
			const plain = (await tinyJob(model, {})).spec.optimizer;
			const optimizer = { ...plain, clipNorm };
			const joint = await measure(ops(), model, { optimizer, selection: layers(0, 1, 2, 3) });
			const regions = [
				[front, rear],
				[rear, front],
			] as const;
			for (const [selection, then] of regions) {
				const staged = await measure(ops(), model, { optimizer, selection, stages: [then] });
				expect(staged.held).toBeGreaterThan(0);
				expect(staged.held / joint.held).toBeLessThan(0.55);
				for (const { total, held, forecast } of [staged, joint]) {
					const { gradients, optimizer: states, total: expected } = forecast.bytes;
					expect(total / expected).toBeGreaterThan(0.9);
					expect(total / expected).toBeLessThan(1.1);
					// Where most memory is taken, at the head, not all gradients are there yet.
					expect(held / (gradients + states)).toBeGreaterThan(0.9);
				}
			}
			model.release();
		});
	},
	['reference', 'wasm'],
);
