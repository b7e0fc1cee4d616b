// Memory operations: allocation, upload, ordered writes, copies, readback.
import type { Ops, Tensor } from '../ops.ts';
import fillCode from '../kernels/fill/fill.wgsl?raw';
import type { Context } from './context.ts';
import { groupsFor, quadsOf } from './context.ts';
import { namedError } from '../../contract/errors.ts';
import type { Reader } from './read.ts';
import { decodeWeights, encodeWeights, formatWords } from '../kernels/weights/formats.ts';
import type { GpuTensor } from './arena.ts';

type Transfer = Pick<Ops, 'upload' | 'uploadWeight' | 'write' | 'read' | 'readIntegers'>;
type Allocation = Pick<
	Ops,
	'empty' | 'zeros' | 'copy' | 'fill' | 'release' | 'memory' | 'resetPeak'
>;

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

export const createTransfer = (context: Context, reader: Reader): Transfer => {
	const { runtime, arena } = context;
	const { queue } = runtime.open.device;

	const writeWords = (
		tensor: Tensor,
		values: Float32Array | Int32Array | Uint32Array,
		offset: number,
	) => {
		const block = context.block(tensor);
		// The queue writes at once, before work that is encoded but not submitted: only that work matters here.
		if (runtime.pending(block)) runtime.flush();
		for (let start = 0; start < values.length; start += chunkElements) {
			const part = values.subarray(start, start + chunkElements) as Float32Array<ArrayBuffer>;
			queue.writeBuffer(block.buffer, (offset + start) * 4, part);
		}
	};

	const write: Transfer['write'] = (tensor, values, offset = 0) => {
		checkRange(tensor, offset, values.length);
		const { dtype } = tensor;
		if (dtype === 'f32' || dtype === 'i32') writeWords(tensor, values, offset);
		else if (values.length === tensor.size)
			writeWords(tensor, encodeWeights(values as Float32Array, dtype), 0);
		else throw namedError('BadInput', `a tensor in ${dtype} can only be written whole`);
	};

	const readRaw = async (tensor: Tensor, offset: number, count: number) => {
		checkRange(tensor, offset, count);
		const block = context.block(tensor);
		return count === 0 ? new ArrayBuffer(0) : reader.read(block, offset, count);
	};

	const filled = (tensor: GpuTensor, values: Float32Array | Int32Array): GpuTensor => {
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
		read: async (tensor, offset = 0, count = tensor.size - offset) => {
			const { dtype, size } = tensor;
			if (dtype === 'f32' || dtype === 'i32')
				return new Float32Array(await readRaw(tensor, offset, count));
			const words = await reader.read(context.block(tensor), 0, formatWords(dtype, size));
			checkRange(tensor, offset, count);
			return decodeWeights(new Uint32Array(words), dtype, size).slice(offset, offset + count);
		},
		readIntegers: async (tensor) => new Int32Array(await readRaw(tensor, 0, tensor.size)),
	};
};

export const createAllocation = (context: Context): Allocation => {
	const { runtime, arena } = context;
	const fillKernel = context.kernel('fill', fillCode, 'w');
	return {
		empty: (shape) => context.empty(shape),
		zeros: (shape) => {
			const tensor = context.empty(shape);
			const block = context.block(tensor);
			runtime.touch(block);
			runtime.encoder.commands().clearBuffer(block.buffer);
			return tensor;
		},
		copy: (tensor) => {
			const from = context.block(tensor);
			const result = arena.allocate(tensor.shape, tensor.dtype);
			const to = context.block(result);
			runtime.touch(from);
			runtime.touch(to);
			runtime.encoder.commands().copyBufferToBuffer(from.buffer, 0, to.buffer, 0, to.bytes);
			return result;
		},
		fill: (tensor, value) => {
			const quads = quadsOf(tensor);
			runtime.dispatch(fillKernel, [context.block(tensor)], groupsFor(quads), [quads], [value]);
		},
		release: (...tensors) => {
			for (const tensor of tensors) arena.release(tensor);
		},
		memory: () => arena.memory(),
		resetPeak: () => {
			arena.resetPeak();
		},
	};
};
