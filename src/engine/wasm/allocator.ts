/** Blocks of the heap for tensors and scratch: freed blocks wait, by exact size, for the next request. */
import { namedError } from '../../contract/errors.ts';
import type { MemoryUse } from '../ops.ts';
import type { Heap } from './tfjsHeap.ts';

/** A block starts on a cache line, wherever malloc put it. */
const alignment = 64;

/** Waiting blocks are given back to malloc once they exceed half of the largest use by this much. */
const slackBytes = 64 * 2 ** 20;

export interface Block {
	readonly address: number;
	readonly bytes: number;
	/** What malloc returned. */
	readonly start: number;
}

export interface Allocator {
	/** @throws an error named `OutOfMemory` where the heap cannot grow further (4 GiB at most). */
	allocate(bytes: number): Block;
	/** Keeps the block for the next `allocate` of the same size. */
	recycle(block: Block): void;
	/** Bytes taken from malloc, waiting blocks included. */
	readonly allocated: number;
	/** Frees every block, in use or not. */
	dispose(): void;
}

function outOfMemory(bytes: number, held: number): Error {
	return namedError(
		'OutOfMemory',
		`Out of memory: ${bytes} bytes asked, ${held} bytes held, the wasm heap ends at 4 GiB; ` +
			'use a smaller model, batch or sequence.',
	);
}

export function createAllocator(heap: Heap): Allocator {
	const waiting = new Map<number, Block[]>();
	const held = new Set<Block>();
	let allocated = 0;
	let used = 0;
	let peakUsed = 0;

	const free = (block: Block): void => {
		heap.free(block.start, block.bytes + alignment);
		held.delete(block);
		allocated -= block.bytes;
	};
	const freeWaiting = (): void => {
		for (const blocks of waiting.values()) blocks.forEach(free);
		waiting.clear();
	};

	return {
		allocate(size) {
			const bytes = Math.max(alignment, Math.ceil(size / alignment) * alignment);
			used += bytes;
			peakUsed = Math.max(peakUsed, used);
			const recycled = waiting.get(bytes)?.pop();
			if (recycled !== undefined) return recycled;
			// Batches of ever new shapes leave blocks nobody asks for again.
			if (allocated + bytes > 1.5 * peakUsed + slackBytes) freeWaiting();
			let start = heap.malloc(bytes + alignment);
			if (start === 0) {
				freeWaiting();
				start = heap.malloc(bytes + alignment);
			}
			if (start === 0) {
				used -= bytes;
				throw outOfMemory(size, allocated);
			}
			const block = { start, bytes, address: Math.ceil(start / alignment) * alignment };
			held.add(block);
			allocated += bytes;
			return block;
		},
		recycle(block) {
			used -= block.bytes;
			const blocks = waiting.get(block.bytes);
			if (blocks === undefined) waiting.set(block.bytes, [block]);
			else blocks.push(block);
		},
		get allocated() {
			return allocated;
		},
		dispose() {
			waiting.clear();
			for (const block of [...held]) free(block);
		},
	};
}

/** Counts what is handed out. */
export interface Account {
	take(bytes: number): void;
	give(bytes: number): void;
	use(allocated: number): MemoryUse;
	resetPeak(): void;
}

export function createAccount(): Account {
	let tensors = 0;
	let bytes = 0;
	let peakBytes = 0;
	return {
		take(count) {
			tensors++;
			bytes += count;
			peakBytes = Math.max(peakBytes, bytes);
		},
		give(count) {
			tensors--;
			bytes -= count;
		},
		use: (allocated) => ({ tensors, bytes, peakBytes, allocated }),
		resetPeak() {
			peakBytes = bytes;
		},
	};
}
