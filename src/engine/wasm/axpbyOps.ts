/** Sums with factors, of which one follows from a norm. */
import { sharedFactor } from '../kernels/axpby/parameters.ts';
import type { Ops } from '../ops.ts';
import type { Device } from './device.ts';
import { elementItems } from './rowOps.ts';
import { task } from './tasks.ts';

export function axpbyOps({ address, floats, launch }: Device): Pick<Ops, 'axpby'> {
	return {
		axpby(target, x, norm, scales) {
			// Every call before has run: the norm is known here.
			const length = floats()[address(norm) / 4] ?? NaN;
			if (!Number.isFinite(length)) return;
			const alpha = scales.alpha * sharedFactor(scales, length);
			launch(task.axpby, elementItems(x.size), x.size, [
				...[address(target), address(x), x.size, { float: alpha }, { float: scales.beta }],
			]);
		},
	};
}
