/** Compares a case's results before it is timed: the engine's, the slow reference's and those of tfjs. */
import type { Ops } from '../../../src/engine/ops.ts';
import { createReferenceOps } from '../../../src/engine/reference/ops.ts';
import { difference } from '../difference.ts';
import type { KernelCase, PlannedCase } from './kernelCase.ts';

/** Largest differences of the engine's result from others, relative to the largest value. */
export interface Differences {
	/** Null where the adapter refuses what tfjs asks of it. */
	readonly tfjs: number | null;
	/** From plain loops that sum in 64 bits; null where they would take minutes. */
	readonly reference: number | null;
}

/** Above this the reference's loops take minutes. */
const mostOperations = 4e9;
const tolerance = 1e-3;

async function take(ops: Ops, one: KernelCase): Promise<Float32Array> {
	const result = one.result();
	const values = await ops.read(result);
	ops.release(result);
	return values;
}

async function fromReference(planned: PlannedCase): Promise<Float32Array> {
	const ops = createReferenceOps();
	const one = planned.make(ops);
	const values = await take(ops, one);
	one.dispose();
	ops.dispose();
	return values;
}

/** Null where the adapter refuses it: tfjs binds every tensor whole, and some are larger than a binding may be. */
async function fromStock(device: GPUDevice, one: KernelCase): Promise<ArrayLike<number> | null> {
	device.pushErrorScope('validation');
	const stock = one.stockResult();
	const values = await stock.data();
	stock.dispose();
	return (await device.popErrorScope()) === null ? values : null;
}

/** Throws where two differ by more than a thousandth: a timing of two different results would mean nothing. */
export async function compare(
	ops: Ops,
	device: GPUDevice,
	planned: PlannedCase,
	one: KernelCase,
): Promise<Differences> {
	const ours = await take(ops, one);
	const stock = await fromStock(device, one);
	const tfjs = stock && difference(ours, stock);
	const reference =
		one.flops > mostOperations ? null : difference(ours, await fromReference(planned));
	for (const [other, error] of Object.entries({ tfjs: tfjs ?? 0, reference: reference ?? 0 }))
		if (!(error <= tolerance))
			throw new Error(
				`${one.name}: the engine and ${other} differ by ${error}, relative to the largest`,
			);
	return { tfjs, reference };
}
