/** What the kernel bench compares: one computation by the engine and by stock tfjs, on the same device and numbers. */
import * as tf from '@tensorflow/tfjs-core';
import { asStored } from '../../../src/engine/kernels/weightFormats/formats.ts';
import type { Ops, Tensor } from '../../../src/engine/ops.ts';

export interface KernelCase {
	readonly name: string;
	/** Operations of one call; a multiply-add counts as two. */
	readonly flops: number;
	/** Bytes that must be read and written at least. */
	readonly bytes: number;
	/** Encodes one call and releases what it makes. */
	readonly ours: () => void;
	/** The same in tfjs operations. */
	readonly stock: () => void;
	/** A result of each, to be compared before they are timed; whoever calls it releases it. */
	readonly result: () => Tensor;
	readonly stockResult: () => tf.Tensor;
	dispose(): void;
}

/** A case that is made when its turn comes: the large ones do not fit side by side. */
export interface PlannedCase {
	readonly name: string;
	/** Takes minutes on an adapter that is emulated on a CPU. */
	readonly large: boolean;
	make(ops: Ops): KernelCase;
}

/** The same numbers as a tensor of the engine and as one of tfjs. */
export interface Twin {
	readonly ours: Tensor;
	readonly stock: tf.Tensor;
}

/** Uniform numbers in [-1, 1), times `scale`; a fixed sequence (xorshift32, Marsaglia 2003). */
export function numbers(size: number, scale = 1): Float32Array {
	const values = new Float32Array(size);
	let state = 2463534242;
	for (let i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		values[i] = (state / 2 ** 31) * scale;
	}
	return values;
}

export function twin(ops: Ops, shape: readonly number[], scale = 1): Twin {
	const values = numbers(
		shape.reduce((size, length) => size * length, 1),
		scale,
	);
	return { ours: ops.upload(values, shape), stock: tf.tensor(values, [...shape]) };
}

/** A matrix of the engine in 8 bits, and what it holds in tfjs, which keeps 32. */
export function int8Twin(ops: Ops, shape: readonly [number, number]): Twin {
	const values = numbers(shape[0] * shape[1]);
	const stock = tf.tensor(asStored(values, 'int8'), [...shape]);
	return { ours: ops.uploadWeight(values, shape, 'int8'), stock };
}

export function release(ops: Ops, ...twins: readonly Twin[]): void {
	for (const { ours, stock } of twins) {
		ops.release(ours);
		stock.dispose();
	}
}
