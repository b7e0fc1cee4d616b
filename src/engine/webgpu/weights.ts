// The WGSL that reads a matrix in each weight format; put before a kernel, it declares binding 1.
import { type WeightFormat, weightFormats } from '../../contract/precision.ts';
import bf16 from '../kernels/weightFormats/bf16.wgsl?raw';
import f32 from '../kernels/weightFormats/f32.wgsl?raw';
import f32Quads from '../kernels/weightFormats/f32Quads.wgsl?raw';
import int8 from '../kernels/weightFormats/int8.wgsl?raw';
import nf4Levels from '../kernels/weightFormats/nf4.wgsl?raw';
import nf4DoubleScales from '../kernels/weightFormats/nf4DoubleScales.wgsl?raw';
import nf4Scales from '../kernels/weightFormats/nf4Scales.wgsl?raw';
import parameterBf16 from '../kernels/weightFormats/parameterBf16.wgsl?raw';
import parameterF32 from '../kernels/weightFormats/parameterF32.wgsl?raw';
import randomBits from '../kernels/shared/randomBits.wgsl?raw';
import rounding from '../kernels/weightFormats/rounding.wgsl?raw';
import { namedError } from '../../contract/errors.ts';
import type { Tensor } from '../ops.ts';
import type { Kernel } from './runtime.ts';

const nf4 = nf4Scales + nf4Levels;
const nf4Double = nf4DoubleScales + nf4Levels;

/** `element` has `weightAt`, `quads` has `weightQuad`. */
export const weightCode: Readonly<
	Record<WeightFormat, { readonly element: string; readonly quads: string }>
> = {
	f32: { element: f32, quads: f32Quads },
	bf16: { element: bf16, quads: bf16 },
	int8: { element: int8, quads: int8 },
	nf4: { element: nf4, quads: nf4 },
	'nf4-double': { element: nf4Double, quads: nf4Double },
};

/** One of something for each weight format. */
export const byFormat = <T>(make: (format: WeightFormat) => T): Record<WeightFormat, T> =>
	Object.fromEntries(weightFormats.map((format) => [format, make(format)])) as Record<
		WeightFormat,
		T
	>;

/** In what a matrix is kept. */
export const formatOf = ({ dtype }: Tensor): WeightFormat => (dtype === 'i32' ? 'f32' : dtype);

/** An update's kernel for each format a parameter can train in; `code` reads, rounds and writes it. */
export const byParameter = (make: (format: 'f32' | 'bf16', code: string) => Kernel) => {
	const f32 = make('f32', parameterF32 + randomBits + rounding);
	const bf16 = make('bf16', parameterBf16 + randomBits + rounding);
	return ({ dtype }: Tensor): Kernel => {
		if (dtype === 'f32') return f32;
		if (dtype === 'bf16') return bf16;
		throw namedError('BadInput', `a tensor in ${dtype} cannot be trained`);
	};
};
