import { expect, test } from 'vitest';
import { createAllocator } from './allocator.ts';

const megabyte = 2 ** 20;

/** A heap without memory behind it: addresses only. */
function addresses() {
	let next = 64;
	const live = new Map<number, number>();
	const heap = {
		malloc: (bytes: number) => {
			next += bytes;
			live.set(next, bytes);
			return next;
		},
		free: (start: number) => {
			expect(live.delete(start), 'freed once').toBe(true);
		},
	};
	return { live, heap: heap as unknown as Parameters<typeof createAllocator>[0] };
}

test('a block of the same size comes back', () => {
	const allocator = createAllocator(addresses().heap);
	const first = allocator.allocate(1000);
	allocator.recycle(first);
	expect(allocator.allocate(1000)).toBe(first);
	expect(allocator.allocate(1000)).not.toBe(first);
});

test('blocks of sizes nobody asks for again do not pile up', () => {
	const { heap, live } = addresses();
	const allocator = createAllocator(heap);
	for (let i = 0; i < 1000; i++) allocator.recycle(allocator.allocate(megabyte + i * 64));
	expect(allocator.allocated).toBeLessThan(68 * megabyte);
	expect(live.size).toBeLessThan(68);
});

test('what a step uses again and again is never given back', () => {
	const { heap, live } = addresses();
	const allocator = createAllocator(heap);
	const step = () => {
		const blocks = Array.from({ length: 200 }, (_, i) => allocator.allocate(megabyte + i * 64));
		blocks.forEach((block) => {
			allocator.recycle(block);
		});
		return blocks.map(({ address }) => address).sort();
	};
	expect(step()).toEqual(step());
	expect(live.size).toBe(200);
});
