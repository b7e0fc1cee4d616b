/** Times the engine's kernels against stock tfjs on one device, each beside what the adapter could do at best. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Ops } from '../../../src/engine/ops.ts';
import { createWebGpuOps } from '../../../src/engine/webgpu/ops.ts';
import { attentionCases } from './attentionCases.ts';
import { measureFloor, type Floor } from './floor.ts';
import type { KernelCase } from './kernelCase.ts';
import { linearCases } from './linearCases.ts';
import { lossCases } from './lossCases.ts';
import type { Report, Wanted } from './report.ts';
import { timeCalls } from './timing.ts';
import { updateCases } from './updateCases.ts';

export interface KernelRow {
	readonly name: string;
	/** Milliseconds of one call. */
	readonly ours: number;
	readonly stock: number | null;
	/** Milliseconds at least: arithmetic or traffic at the adapter's measured best, whichever takes longer. */
	readonly floor: number;
	/** Most device bytes during a call of ours beyond its inputs. */
	readonly addedBytes: number;
}

export interface KernelResult {
	readonly floor: Floor;
	readonly rows: readonly KernelRow[];
	/** Named, not measured: too long for an emulated adapter. */
	readonly leftOut: readonly string[];
}

/** Largest difference over the largest value; a timing of two different results would mean nothing. */
async function difference(ops: Ops, one: KernelCase): Promise<number> {
	const sample = one.sample();
	if (sample === null) return 0;
	const [ours, stock] = await Promise.all([ops.read(sample.ours), sample.stock.data()]);
	ops.release(sample.ours);
	sample.stock.dispose();
	let scale = 0;
	let error = 0;
	for (const [i, value] of ours.entries()) {
		scale = Math.max(scale, Math.abs(value));
		// A NaN must not pass for the smaller of two.
		if (!(Math.abs(value - (stock[i] ?? NaN)) <= error))
			error = Math.abs(value - (stock[i] ?? NaN));
	}
	return error / scale;
}

const tolerance = 1e-3;

async function measure(ops: Ops, one: KernelCase, best: Floor): Promise<KernelRow> {
	const error = await difference(ops, one);
	if (!(error <= tolerance))
		throw new Error(`${one.name}: the engine and tfjs differ by ${error}, relative to the largest`);
	const before = ops.memory().bytes;
	ops.resetPeak();
	const ours = await timeCalls(ops, one.ours);
	const addedBytes = ops.memory().peakBytes - before;
	const stock = one.stock === null ? null : await timeCalls(ops, one.stock);
	const floor = Math.max(one.flops / best.gigaflops, one.bytes / best.gigabytes) / 1e6;
	return { name: one.name, ours, stock, floor, addedBytes };
}

const cases = [...linearCases, ...attentionCases, ...lossCases, ...updateCases];

/** @param all takes the large cases on an emulated adapter, too */
export async function measureKernels(
	wanted: Wanted,
	all: boolean,
	report: Report,
): Promise<KernelResult> {
	const ops = await createWebGpuOps();
	try {
		await tf.setBackend('webgpu');
		const { device } = tf.backend() as unknown as WebGPUBackend;
		const floor = await measureFloor(device, ops.info.software);
		report(`best: ${floor.gigaflops.toFixed(0)} GFLOP/s, ${floor.gigabytes.toFixed(0)} GB/s`);
		const rows: KernelRow[] = [];
		const leftOut: string[] = [];
		for (const planned of cases.filter(({ name }) => wanted(name))) {
			if (planned.large && ops.info.software && !all) {
				leftOut.push(planned.name);
				continue;
			}
			const one = planned.make(ops);
			rows.push(await measure(ops, one, floor));
			report(`${one.name}: ${(rows.at(-1)?.ours ?? NaN).toFixed(2)} ms`);
			one.dispose();
		}
		return { floor, rows, leftOut };
	} finally {
		ops.dispose();
	}
}
