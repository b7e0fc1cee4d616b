/** Times the engine's kernels against stock tfjs on one device, each beside what the adapter could do at best. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Ops } from '../../../src/engine/ops.ts';
import type { ProductChoice } from '../../../src/engine/webgpu/productKernels.ts';
import { createWebGpuOps } from '../../../src/engine/webgpu/ops.ts';
import { attentionCases } from './attentionCases.ts';
import { measureFloor, type Floor } from './floor.ts';
import { attentionBytes } from './attentionMemory.ts';
import { compare, type Differences } from './compare.ts';
import type { PlannedCase } from './kernelCase.ts';
import { linearCases } from './linearCases.ts';
import { lossCases } from './lossCases.ts';
import type { Report, Wanted } from './report.ts';
import { timeCalls } from './timing.ts';
import { updateCases } from './updateCases.ts';

export interface KernelRow {
	readonly name: string;
	/** Milliseconds of one call. */
	readonly ours: number;
	/** Null where the adapter refuses what tfjs asks of it. */
	readonly stock: number | null;
	/** Milliseconds at least: arithmetic or traffic at the adapter's measured best, whichever takes longer. */
	readonly floor: number;
	/** Most device bytes during a call of ours beyond its inputs. */
	readonly addedBytes: number;
	readonly differences: Differences;
}

export interface KernelResult {
	readonly floor: Floor;
	/** Kernels of matrix products, as chosen for the adapter. */
	readonly products: ProductChoice;
	readonly rows: readonly KernelRow[];
	/** Named, not measured: too long for an emulated adapter. */
	readonly leftOut: readonly string[];
	/** Bytes that attention adds for each token, the same at every length, by part. */
	readonly attentionBytes: Readonly<Record<string, number>>;
}

async function measure(
	ops: Ops,
	device: GPUDevice,
	planned: PlannedCase,
	best: Floor,
): Promise<KernelRow> {
	const one = planned.make(ops);
	const differences = await compare(ops, device, planned, one);
	const before = ops.memory().bytes;
	ops.resetPeak();
	const ours = await timeCalls(ops, one.ours);
	const addedBytes = ops.memory().peakBytes - before;
	const stock = differences.tfjs === null ? null : await timeCalls(ops, one.stock);
	one.dispose();
	const floor = Math.max(one.flops / best.gigaflops, one.bytes / best.gigabytes) / 1e6;
	return { name: one.name, ours, stock, floor, addedBytes, differences };
}

const cases = [...linearCases, ...attentionCases, ...lossCases, ...updateCases];

/**
 * @param all takes the large cases on an emulated adapter, too
 * @param keep is given what there is after every row: some take minutes
 * Throws where the memory of attention is not linear; every row has been kept by then.
 */
export async function measureKernels(
	wanted: Wanted,
	all: boolean,
	report: Report,
	keep: (result: KernelResult) => Promise<void>,
): Promise<KernelResult> {
	const ops = await createWebGpuOps();
	try {
		await tf.setBackend('webgpu');
		const { device } = tf.backend() as unknown as WebGPUBackend;
		const floor = await measureFloor(device, ops.info.software);
		report(
			`best: ${floor.gigaflops.toPrecision(3)} GFLOP/s, ${floor.gigabytes.toPrecision(3)} GB/s`,
		);
		const rows: KernelRow[] = [];
		const leftOut: string[] = [];
		const { products } = ops;
		const result = { floor, products, rows, leftOut, attentionBytes: {} };
		for (const planned of cases.filter(({ name }) => wanted(name))) {
			if (planned.large && ops.info.software && !all) {
				leftOut.push(planned.name);
				continue;
			}
			const row = await measure(ops, device, planned, floor);
			rows.push(row);
			report(`${row.name}: ${row.ours.toFixed(2)} ms, tfjs ${row.stock?.toFixed(2) ?? 'cannot'}`);
			await keep(result);
		}
		return { ...result, attentionBytes: Object.fromEntries(attentionBytes(rows)) };
	} finally {
		ops.dispose();
	}
}
