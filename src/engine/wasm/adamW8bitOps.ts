/** The AdamW update with 8-bit states. */
import { blockSize } from '../kernels/adamW8bit/layout.ts';
import { adamW8bitParameters } from '../kernels/adamW8bit/parameters.ts';
import type { Ops } from '../ops.ts';
import type { Device } from './device.ts';
import { task } from './tasks.ts';

/** Must equal BLOCKS_PER_ITEM of assembly/adamW8bit.ts. */
const blocksPerItem = 16;

/** New moments of one block, and their guessed codes. */
const scratchBytes = 4 * blockSize * 4;

export function adamW8bitOps(device: Device): Pick<Ops, 'adamW8bit'> {
	const { address, launch } = device;
	return {
		adamW8bit(parameter, gradient, states, maps, norm, step) {
			const { size } = parameter;
			// Every call before has run: the norm is known here.
			const length = device.floats()[address(norm) / 4] ?? NaN;
			if (!Number.isFinite(length)) return;
			const { clipNorm } = step;
			const clipping = clipNorm === null ? 1 : Math.min(1, clipNorm / (length + 1e-6));
			const { beta1, share1, beta2, share2, rate, floor, keep } = adamW8bitParameters(step);
			const numbers = [clipping, beta1, share1, beta2, share2, rate, floor, keep];
			const own = device.threadScratch(scratchBytes);
			launch(task.adamW8bit, Math.ceil(size / (blocksPerItem * blockSize)), size, [
				...[address(parameter), address(gradient), address(states), size, address(maps)],
				...numbers.map((float) => ({ float })),
				...own,
			]);
		},
	};
}
