// Readback through a few reusable staging buffers: copy in call order, submit, map.
import type { Block } from './arena.ts';
import type { OpenDevice } from './device.ts';
import type { SharedEncoder } from './tfjs.ts';

export interface Reader {
	/** `count` 4-byte elements from element `offset` on, after all work encoded so far. */
	read(block: Block, offset: number, count: number): Promise<ArrayBuffer>;
	dispose(): void;
}

/** Staging buffers beyond this are not kept: one large export must not hold memory for good. */
const largestKept = 16 * 2 ** 20;

export const createReader = (open: OpenDevice, encoder: SharedEncoder): Reader => {
	const { device } = open;
	const idle = new Map<number, GPUBuffer[]>();

	const acquire = (size: number) =>
		idle.get(size)?.pop() ??
		device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });

	const giveBack = (buffer: GPUBuffer) => {
		const pool = idle.get(buffer.size);
		if (buffer.size > largestKept) buffer.destroy();
		else if (pool) pool.push(buffer);
		else idle.set(buffer.size, [buffer]);
	};

	const read = async (block: Block, offset: number, count: number) => {
		open.check();
		const bytes = count * 4;
		// Powers of two up to the largest kept size, so that few sizes serve all reads.
		const size = bytes > largestKept ? bytes : 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
		const staging = acquire(size);
		encoder.commands().copyBufferToBuffer(block.buffer, offset * 4, staging, 0, bytes);
		encoder.submit();
		try {
			await staging.mapAsync(GPUMapMode.READ, 0, bytes);
		} catch (error) {
			open.check(); // A lost device or an earlier error explains more than a failed mapping.
			throw error;
		}
		const values = staging.getMappedRange(0, bytes).slice(0);
		staging.unmap();
		giveBack(staging);
		open.check();
		return values;
	};

	return {
		read,
		dispose: () => {
			for (const pool of idle.values()) for (const buffer of pool) buffer.destroy();
			idle.clear();
		},
	};
};
