/**
 * Compares the kernels of a device with their slow, obvious reference. Drivers are known that give zeros, or nothing,
 * without an error: what such a device trains would be wrong and look right.
 */
import type { Ops, Tensor } from '../ops.ts';

/** A way out of a wrong kernel: row sums without subgroups, registers instead of tiles, gradient and update apart. */
export type Remedy = 'no subgroups' | 'registers' | 'apart';

export interface KernelCase {
	/** What the kernel is called where people read. */
	readonly kernel: string;
	/** Variants that may be right where this one is wrong, first choice first; none: there is only this one. */
	readonly remedies: readonly Remedy[];
	/** Runs the kernel on sampled inputs; every tensor made on the way is released but those returned. */
	readonly run: (ops: Ops) => readonly Tensor[];
}

export interface KernelFault extends Pick<KernelCase, 'kernel' | 'remedies'> {
	/** What came instead, in words. */
	readonly found: string;
}

/**
 * Largest difference allowed, as a share of the largest value expected. Sums of a few hundred float32 terms differ by
 * 1e-6; a kernel that is wrong differs by far more.
 */
const tolerance = 1e-3;

/** The cases whose results on `ops` are not those on `reference`, in their order. */
export async function faultsOf(
	ops: Ops,
	reference: Ops,
	cases: readonly KernelCase[],
): Promise<KernelFault[]> {
	// All are encoded before the first is read: reading waits for the device.
	const given = cases.map((one) => one.run(ops));
	const faults: KernelFault[] = [];
	for (const [index, { kernel, remedies, run }] of cases.entries()) {
		const expected = run(reference);
		for (const [part, tensor] of (given[index] ?? []).entries()) {
			const found = difference(await take(ops, tensor), await take(reference, expected[part]!));
			if (found !== null && faults.at(-1)?.kernel !== kernel)
				faults.push({ kernel, remedies, found });
		}
	}
	return faults;
}

async function take(ops: Ops, tensor: Tensor): Promise<ArrayLike<number>> {
	const values = tensor.dtype === 'i32' ? await ops.readIntegers(tensor) : await ops.read(tensor);
	ops.release(tensor);
	return values;
}

/** Says what is wrong; null where the values agree. NaN agrees with nothing. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): string | null {
	let scale = 0;
	let worst = 0;
	let allZero = true;
	for (let i = 0; i < expected.length; i++) {
		scale = Math.max(scale, Math.abs(expected[i]!));
		const error = Math.abs(actual[i]! - expected[i]!);
		worst = error <= worst ? worst : error;
		allZero &&= actual[i] === 0;
	}
	if (worst <= tolerance * scale) return null;
	if (allZero) return 'zeros';
	return Number.isNaN(worst) ? 'not a number' : `values off by ${(worst / scale).toExponential(1)}`;
}
