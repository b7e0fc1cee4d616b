// GPU memory: buffers pooled by exact size in last-in-first-out order, so a training step that allocates
// and releases in the same order gets the same buffers again and every cached bind group fits.
import type { MemoryUse, Tensor } from '../ops.ts';
import type { OpenDevice } from './device.ts';
import { namedError } from '../../contract/errors.ts';
import { formatWords } from '../kernels/weightFormats/formats.ts';

/** One GPU buffer with an identity small enough to be part of a cache key. */
export interface Block {
	readonly id: number;
	readonly buffer: GPUBuffer;
	/** Bytes of the buffer: the tensor's, rounded up so that it can be read as whole vec4. */
	readonly bytes: number;
	/** Number of the submit its latest use belongs to; see `Arena.batch`. */
	lastUse: number;
}

export interface GpuTensor extends Tensor {
	/** `null` once released, and where there are windows. */
	block: Block | null;
	/** Consecutive rows of a matrix too large for one binding, each a tensor; `null` where it is whole. */
	windows: readonly GpuTensor[] | null;
}

export interface Arena {
	allocate(shape: readonly number[], dtype: Tensor['dtype']): GpuTensor;
	/** The memory behind a tensor. Throws `BadInput` where it was released or belongs to something else. */
	block(tensor: Tensor): Block;
	/** The windows of a tensor, or the tensor itself; all but the last have equally many rows. */
	readonly windows: (tensor: Tensor) => readonly Tensor[];
	release(tensor: Tensor): void;
	memory(): MemoryUse;
	resetPeak(): void;
	dispose(): void;
}

/** Slack before the pool is trimmed: below this, buffers of unused sizes cost nobody anything. */
const slackBytes = 64 * 2 ** 20;

const creator = (open: OpenDevice) => {
	const { device } = open;
	let nextId = 0;
	return (bytes: number): Block => {
		// The device answers later whether it had the memory; the answer surfaces at the next check.
		device.pushErrorScope('out-of-memory');
		const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
		const buffer = device.createBuffer({ size: bytes, usage });
		device.popErrorScope().then(
			(error) => {
				if (error) {
					const message = `the GPU has no ${bytes} bytes left: ${error.message}; use a smaller batch or model`;
					open.fail(namedError('OutOfMemory', message));
				}
			},
			() => undefined, // The device is lost: reported by device.lost.
		);
		return { id: nextId++, buffer, bytes, lastUse: -1 };
	};
};

/** Free and used buffers by exact size. `flush` and `forget`: see `createArena`. */
const createPool = (open: OpenDevice, flush: () => void, forget: () => void) => {
	const create = creator(open);
	const free = new Map<number, Block[]>();
	let allocated = 0;
	const trim = () => {
		flush(); // A destroyed buffer in unsubmitted work would void the whole submit.
		for (const blocks of free.values()) {
			for (const block of blocks) {
				allocated -= block.bytes;
				block.buffer.destroy();
			}
		}
		free.clear();
		forget();
	};
	return {
		/** A free buffer of this size or a new one; `peak` is the most ever in use at once. */
		take: (size: number, peak: number): Block => {
			const pooled = free.get(size)?.pop();
			if (pooled) return pooled;
			if (allocated + size > 1.5 * peak + slackBytes) trim();
			const block = create(size);
			allocated += size;
			return block;
		},
		giveBack: (block: Block) => {
			const blocks = free.get(block.bytes);
			if (blocks) blocks.push(block);
			else free.set(block.bytes, [block]);
		},
		trim,
		allocated: () => allocated,
	};
};

const bytesOf = ({ dtype, size }: Pick<Tensor, 'dtype' | 'size'>) =>
	4 * (dtype === 'i32' ? size : formatWords(dtype, size));

const tooLarge = (tensor: Pick<Tensor, 'shape' | 'dtype' | 'size'>, limit: number) =>
	namedError(
		'OutOfMemory',
		`tensor [${tensor.shape.join(', ')}] of ${bytesOf(tensor)} bytes exceeds this GPU's limit of ${limit}; ` +
			'use a smaller batch or model',
	);

/** Tensors that are one buffer each, counted. */
const createWholes = (open: OpenDevice, pool: ReturnType<typeof createPool>, limit: number) => {
	const live = new Set<Block>();
	let bytes = 0;
	let peakBytes = 0;
	let peakEver = 0;
	const block = (tensor: Tensor): Block => {
		const { block: found, windows } = tensor as GpuTensor;
		if (windows) throw tooLarge(tensor, limit);
		if (!found || !live.has(found)) {
			const shape = tensor.shape.join(', ');
			throw namedError('BadInput', `tensor [${shape}] was released or is not on this device`);
		}
		return found;
	};
	return {
		live,
		block,
		allocate: (shape: readonly number[], dtype: Tensor['dtype']): GpuTensor => {
			open.check();
			const size = shape.reduce((product, length) => product * length, 1);
			const needed = bytesOf({ dtype, size });
			const rounded = Math.max(16, Math.ceil(needed / 16) * 16);
			if (rounded > limit) throw tooLarge({ shape, dtype, size }, limit);
			const taken = pool.take(rounded, Math.max(peakEver, bytes + rounded));
			live.add(taken);
			bytes += needed;
			peakBytes = Math.max(peakBytes, bytes);
			peakEver = Math.max(peakEver, bytes);
			return { shape: [...shape], dtype, size, block: taken, windows: null };
		},
		release: (tensor: Tensor): void => {
			const freed = block(tensor);
			live.delete(freed);
			(tensor as GpuTensor).block = null;
			pool.giveBack(freed);
			bytes -= bytesOf(tensor);
		},
		memory: (): MemoryUse => ({
			tensors: live.size,
			bytes,
			peakBytes,
			allocated: pool.allocated(),
		}),
		resetPeak: () => {
			peakBytes = bytes;
		},
	};
};

/** Windows begin at multiples of so many rows: whole vec4 and whole blocks of any weight format and optimizer state. */
const windowStep = 256;
/** What would need more is not split: no matrix of a model does. */
const mostWindows = 64;

/**
 * Rows of the windows of a matrix, which fit a binding as float32 and, so that a parameter, its gradient and its
 * moments are split alike, in any other format; null where it is not split.
 */
const windowRows = (shape: readonly number[], limit: number): number | null => {
	const [rows = 0, width = 0, ...more] = shape;
	if (more.length > 0 || 4 * rows * width <= limit) return null;
	const fitting = Math.floor(limit / (4 * width * windowStep)) * windowStep;
	return fitting * mostWindows >= rows ? fitting : null;
};

/**
 * `flush` submits pending work; `forget` is called after buffers were destroyed, to drop bind groups. `largest`: bytes
 * of a binding, at most the device's limit.
 */
export const createArena = (
	open: OpenDevice,
	flush: () => void,
	forget: () => void,
	largest = Infinity,
): Arena => {
	const { maxBufferSize, maxStorageBufferBindingSize } = open.device.limits;
	const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize, largest);
	const pool = createPool(open, flush, forget);
	const { live, allocate, block, release, memory, resetPeak } = createWholes(open, pool, limit);

	const allocateWindows = (shape: readonly number[], dtype: Tensor['dtype'], step: number) => {
		const [rows = 0, width = 0] = shape;
		const windows: GpuTensor[] = [];
		try {
			for (let from = 0; from < rows; from += step)
				windows.push(allocate([Math.min(step, rows - from), width], dtype));
		} catch (error) {
			windows.forEach(release);
			throw error;
		}
		return { shape: [...shape], dtype, size: rows * width, block: null, windows };
	};

	return {
		allocate: (shape, dtype) => {
			const step = windowRows(shape, limit);
			return step === null ? allocate(shape, dtype) : allocateWindows(shape, dtype, step);
		},
		block,
		windows: (tensor) => (tensor as GpuTensor).windows ?? [tensor],
		release: (tensor) => {
			const { windows } = tensor as GpuTensor;
			if (windows === null) release(tensor);
			else windows.forEach(release);
			(tensor as GpuTensor).windows = null;
		},
		memory,
		resetPeak,
		dispose: () => {
			pool.trim();
			for (const { buffer } of live) buffer.destroy();
			live.clear();
		},
	};
};
