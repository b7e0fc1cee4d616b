// Sums with factors, of which one may be known on the device only.
import type { Ops } from '../ops.ts';
import axpbyCode from '../kernels/axpby/axpby.wgsl?raw';
import { factorParameters } from '../kernels/axpby/parameters.ts';
import isFiniteCode from '../kernels/shared/isFinite.wgsl?raw';
import { roundingParameters } from '../kernels/weightFormats/bfloat16.ts';
import type { Context } from './context.ts';
import { groupsFor, quadsOf } from './context.ts';
import { byParameter } from './weights.ts';

export const createAxpby = (context: Context): Pick<Ops, 'axpby'> => {
	const { runtime, arena } = context;
	// Most runs do without.
	const kernels = byParameter((format, code) =>
		context.kernel(`axpby ${format}`, code + isFiniteCode + axpbyCode, 'wrr', true),
	);
	return {
		axpby: (target, x, norm, scales) => {
			const { alpha, beta, rounding } = scales;
			const factor = factorParameters(scales);
			const { numerator, offset, least } = factor ?? { numerator: 1, offset: 0, least: 1 };
			const others = arena.windows(x);
			let first = 0;
			arena.windows(target).forEach((window, i) => {
				const blocks = [window, others[i]!, norm].map(context.block);
				const quads = quadsOf(window);
				const integers = [quads, first, factor ? 1 : 0, ...roundingParameters(rounding)];
				const floats = [alpha, beta, numerator, offset, least];
				runtime.dispatch(kernels(target), blocks, groupsFor(quads), integers, floats);
				first += quads;
			});
		},
	};
};
