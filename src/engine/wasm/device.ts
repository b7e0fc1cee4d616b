/** What the operations stand on: tensors on the heap, scratch memory, and launching kernels. */
import { namedError } from '../../contract/errors.ts';
import type { MemoryUse, Tensor } from '../ops.ts';
import { createAccount, createAllocator, type Allocator, type Block } from './allocator.ts';
import {
	compileKernels,
	hasRelaxedSimd,
	instantiateKernels,
	type KernelExports,
} from './kernelModule.ts';
import { task } from './tasks.ts';
import { canShareMemory, tfjsHeap, type Heap } from './tfjsHeap.ts';
import { defaultThreads, startHelpers } from './threads.ts';

/** An argument that is a float where a plain number would be an integer or an address. */
export interface FloatArgument {
	readonly float: number;
}

export interface Device {
	/** For people: `simd relaxed, 2 threads`. */
	readonly description: string;
	readonly threads: number;
	readonly tensor: (shape: readonly number[], dtype: Tensor['dtype']) => Tensor;
	readonly release: (tensor: Tensor) => void;
	/** Byte address. Throws where the tensor was released or belongs to another backend. */
	readonly address: (tensor: Tensor) => number;
	/** Bytes of the heap as 32-bit floats; valid until the next allocation. */
	readonly floats: () => Float32Array;
	readonly integers: () => Int32Array;
	/** `slot` is one piece of scratch memory that grows as needed; its content is lost at the next call. */
	readonly scratch: (slot: 'panels' | 'partials', bytes: number) => number;
	/** Address and bytes per thread, as two arguments of a kernel. */
	readonly threadScratch: (bytesPerThread: number) => [number, number];
	/**
	 * Runs items 0 to items - 1 of a task. `work`: multiply-adds or elements, to decide on helpers. Throws `DeviceError`
	 * where the kernel trapped, on this thread or on a helper, and from then on: other threads may still be at its items.
	 */
	readonly launch: (
		number: number,
		items: number,
		work: number,
		parameters: readonly (number | FloatArgument)[],
	) => void;
	readonly memory: () => MemoryUse;
	readonly resetPeak: () => void;
	readonly dispose: () => void;
}

/** Below this much work waking a helper costs more than it saves. */
const leastSharedWork = 30_000;

/** Layout of the control block: see assembly/parallel.ts. */
const controlBytes = 512;
const argumentsOffset = 256;

class WasmTensor implements Tensor {
	readonly size: number;
	readonly shape: readonly number[];
	readonly dtype: Tensor['dtype'];
	/** null once released. */
	block: Block | null;

	constructor(shape: readonly number[], dtype: Tensor['dtype'], size: number, block: Block) {
		this.shape = shape;
		this.dtype = dtype;
		this.size = size;
		this.block = block;
	}
}

function ownTensor(tensor: Tensor): WasmTensor & { block: Block } {
	if (!(tensor instanceof WasmTensor)) {
		throw new Error(`A tensor [${tensor.shape.join(', ')}] of another backend was given to wasm.`);
	}
	if (tensor.block === null) {
		throw new Error(`Tensor [${tensor.shape.join(', ')}] was used after its release.`);
	}
	return tensor as WasmTensor & { block: Block };
}

/** Views of the heap, renewed whenever it has grown. */
function createViews(memory: WebAssembly.Memory) {
	let floats = new Float32Array(memory.buffer);
	let integers = new Int32Array(memory.buffer);
	const renew = (): void => {
		if (floats.buffer === memory.buffer) return;
		floats = new Float32Array(memory.buffer);
		integers = new Int32Array(memory.buffer);
	};
	return {
		floats() {
			renew();
			return floats;
		},
		integers() {
			renew();
			return integers;
		},
	};
}

/** Named blocks that only grow. */
function createScratch(allocator: Allocator): (slot: string, bytes: number) => number {
	const blocks = new Map<string, Block>();
	return (slot, bytes) => {
		const old = blocks.get(slot);
		if (old !== undefined && old.bytes >= bytes) return old.address;
		if (old !== undefined) {
			// Forgotten first: if memory runs out now, nobody may be handed the old address again.
			blocks.delete(slot);
			allocator.recycle(old);
		}
		const block = allocator.allocate(bytes);
		blocks.set(slot, block);
		return block.address;
	};
}

/** Blocking is forbidden on the page's own thread; there the engine spins instead. */
const mayBlock = typeof window === 'undefined';

async function startKernels(heap: Heap, threads: number, controlBlock: number) {
	const relaxed = hasRelaxedSimd();
	const module = await compileKernels(relaxed, heap.shared);
	const kernels = await instantiateKernels(module, heap.memory);
	kernels.setup(controlBlock, 0);
	const helpers =
		heap.shared && threads > 1
			? await startHelpers(threads - 1, { module, memory: heap.memory, controlBlock })
			: [];
	return { kernels, helpers, relaxed };
}

/** Runs tasks until one of them traps. */
function createRun(kernels: KernelExports) {
	let failure: Error | null = null;
	return (number: number, items: number, helpers: number): void => {
		if (failure !== null) throw failure;
		try {
			kernels.run(number, items, helpers, mayBlock);
		} catch (error) {
			const [name] = Object.entries(task).find(([, one]) => one === number) ?? [number];
			const reason = error instanceof Error ? error.message : String(error);
			failure = namedError('DeviceError', `The WASM kernel ${name} stopped: ${reason}`);
			throw failure;
		}
	};
}

/** Starts the heap, the kernels and the helpers. */
export async function createDevice(requestedThreads?: number): Promise<Device> {
	const wanted = canShareMemory() ? (requestedThreads ?? defaultThreads()) : 1;
	const heap = await tfjsHeap(wanted > 1);
	const allocator = createAllocator(heap);
	const views = createViews(heap.memory);
	const account = createAccount();
	const controlBlock = allocator.allocate(controlBytes).address;
	views.integers().fill(0, controlBlock / 4, (controlBlock + controlBytes) / 4);
	const { kernels, helpers, relaxed } = await startKernels(heap, wanted, controlBlock);
	const threads = 1 + helpers.length;
	const scratch = createScratch(allocator);
	const run = createRun(kernels);

	return {
		description: `simd${relaxed ? ' relaxed' : ''}, ${threads} thread${threads > 1 ? 's' : ''}`,
		threads,
		tensor(shape, dtype) {
			const size = shape.reduce((product, extent) => product * extent, 1);
			const block = allocator.allocate(size * 4);
			account.take(size * 4);
			return new WasmTensor([...shape], dtype, size, block);
		},
		release(tensor) {
			const own: WasmTensor = ownTensor(tensor);
			if (own.block !== null) allocator.recycle(own.block);
			own.block = null;
			account.give(tensor.size * 4);
		},
		address: (tensor) => ownTensor(tensor).block.address,
		...views,
		scratch,
		threadScratch(bytesPerThread) {
			const aligned = Math.ceil(bytesPerThread / 64) * 64;
			return [scratch('threads', aligned * threads), aligned];
		},
		launch(number, items, work, parameters) {
			const slot = (controlBlock + argumentsOffset) / 4;
			const integers = views.integers();
			const floats = views.floats();
			parameters.forEach((value, index) => {
				if (typeof value === 'number') integers[slot + index] = value;
				else floats[slot + index] = value.float;
			});
			run(number, items, work < leastSharedWork ? 0 : helpers.length);
		},
		memory: () => account.use(allocator.allocated),
		resetPeak() {
			account.resetPeak();
		},
		dispose() {
			kernels.stop(helpers.length);
			for (const helper of helpers) helper.terminate();
			allocator.dispose();
		},
	};
}
