// Values to the device and back: uploads, ordered writes, readback.
import { namedError } from '../../contract/errors.ts';
import {
	checkValues,
	decodeWeights,
	encodeWeights,
	formatWords,
} from '../kernels/weightFormats/formats.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { GpuTensor } from './arena.ts';
import { type Context, widthOf } from './context.ts';
import type { Reader } from './read.ts';

type Values = Float32Array | Int32Array;

/** One write to the queue at most: browsers stage writes in shared memory of limited size. */
const chunkElements = 4 * 2 ** 20;

const checkRange = (tensor: Tensor, offset: number, count: number) => {
	if (offset < 0 || count < 0 || offset + count > tensor.size) {
		throw namedError(
			'BadInput',
			`elements ${offset} to ${offset + count} are outside a tensor of ${tensor.size}`,
		);
	}
};

/** The parts of elements `offset` to `offset + count` that lie in each window, in order. */
const partsOf = (windows: readonly Tensor[], offset: number, count: number) => {
	let start = 0;
	return windows.flatMap((window) => {
		const from = Math.max(0, offset - start);
		const to = Math.min(window.size, offset + count - start);
		const part = { window, from, count: to - from, at: start + from - offset };
		start += window.size;
		return part.count > 0 ? [part] : [];
	});
};

const createWrite = (context: Context): Ops['write'] => {
	const { runtime, arena } = context;
	const { queue } = runtime.open.device;
	const writeWords = (tensor: Tensor, values: Values | Uint32Array, offset: number) => {
		const block = context.block(tensor);
		// The queue writes at once, before work that is encoded but not submitted: only that work matters here.
		if (runtime.pending(block)) runtime.flush();
		for (let start = 0; start < values.length; start += chunkElements) {
			const part = values.subarray(start, start + chunkElements) as Float32Array<ArrayBuffer>;
			queue.writeBuffer(block.buffer, (offset + start) * 4, part);
		}
	};
	return (tensor, values, offset = 0) => {
		checkRange(tensor, offset, values.length);
		const { dtype } = tensor;
		const packed = dtype !== 'f32' && dtype !== 'i32';
		if (packed && values.length !== tensor.size)
			throw namedError('BadInput', `a tensor in ${dtype} can only be written whole`);
		if (packed) checkValues(values as Float32Array, widthOf(tensor), dtype);
		for (const { window, from, count, at } of partsOf(
			arena.windows(tensor),
			offset,
			values.length,
		)) {
			const part = values.subarray(at, at + count);
			writeWords(window, packed ? encodeWeights(part as Float32Array, dtype) : part, from);
		}
	};
};

const createRead = (context: Context, reader: Reader) => {
	/** Words of a float32 or integer tensor, decoded floats of another. */
	const readWindow = async (window: Tensor, from: number, count: number): Promise<ArrayBuffer> => {
		const { dtype, size } = window;
		const block = context.block(window);
		if (dtype === 'f32' || dtype === 'i32') return reader.read(block, from, count);
		const words = new Uint32Array(await reader.read(block, 0, formatWords(dtype, size)));
		return decodeWeights(words, dtype, size).slice(from, from + count).buffer;
	};
	return async (tensor: Tensor, offset: number, count: number): Promise<ArrayBuffer> => {
		checkRange(tensor, offset, count);
		const parts = partsOf(context.arena.windows(tensor), offset, count);
		const [only, ...others] = parts;
		// Also where nothing is read: a released tensor is refused.
		if (only === undefined) {
			context.arena.windows(tensor).forEach(context.block);
			return new ArrayBuffer(0);
		}
		if (others.length === 0) return readWindow(only.window, only.from, only.count);
		const whole = new Uint32Array(count);
		for (const part of parts)
			whole.set(new Uint32Array(await readWindow(part.window, part.from, part.count)), part.at);
		return whole.buffer;
	};
};

export const createTransfer = (
	context: Context,
	reader: Reader,
): Pick<Ops, 'upload' | 'uploadWeight' | 'write' | 'read' | 'readIntegers'> => {
	const { arena } = context;
	const write = createWrite(context);
	const read = createRead(context, reader);
	const filled = (tensor: GpuTensor, values: Values): GpuTensor => {
		try {
			if (values.length !== tensor.size) {
				const wanted = `[${tensor.shape.join(', ')}] has ${tensor.size}`;
				throw namedError('BadInput', `${values.length} values given where ${wanted}`);
			}
			write(tensor, values);
		} catch (error) {
			arena.release(tensor);
			throw error;
		}
		return tensor;
	};
	return {
		upload: (values, shape) =>
			filled(arena.allocate(shape, values instanceof Int32Array ? 'i32' : 'f32'), values),
		uploadWeight: (values, shape, format) => filled(arena.allocate(shape, format), values),
		write,
		read: async (tensor, offset = 0, count = tensor.size - offset) =>
			new Float32Array(await read(tensor, offset, count)),
		readIntegers: async (tensor) => new Int32Array(await read(tensor, 0, tensor.size)),
	};
};
