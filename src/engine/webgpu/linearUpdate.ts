// Gradient and update of a linear layer's weight in one.
import adamWCode from '../kernels/linearUpdate/adamW.wgsl?raw';
import adamW8bitCode from '../kernels/linearUpdate/adamW8bit.wgsl?raw';
import linearUpdateCode from '../kernels/linearUpdate/linearUpdate.wgsl?raw';
import stepCode from '../kernels/adamW/step.wgsl?raw';
import stepBlockCode from '../kernels/adamW8bit/stepBlock.wgsl?raw';
import isFiniteCode from '../kernels/shared/isFinite.wgsl?raw';
import { adamWParameters } from '../kernels/adamW/parameters.ts';
import { blockSize } from '../kernels/adamW8bit/layout.ts';
import { adamW8bitParameters } from '../kernels/adamW8bit/parameters.ts';
import { roundingParameters } from '../kernels/weightFormats/bfloat16.ts';
import type { FusedOps } from '../fusedOps.ts';
import type { Ops, Tensor } from '../ops.ts';
import { overlaps } from './adamW8bit.ts';
import { type Context, rowsOf, widthOf } from './context.ts';
import { workgroupRows } from './rowSums.ts';
import { specialise } from './runtime.ts';
import { byParameter } from './weights.ts';

/** Rows of a workgroup, and how many workgroups of that many there must be: with fewer many a GPU stands half idle. */
const heights = [
	{ rows: 16, from: 96 },
	{ rows: 4, from: 0 },
] as const;

/** Columns of a workgroup. */
const columns = blockSize;

/** Rows of a window of the weight that one dispatch updates. */
interface Part {
	readonly firstRow: number;
	readonly endRow: number;
	/** Of the whole weight: the window's first. */
	readonly offset: number;
	/** Parameter and moments, in the order of the bindings 0, 2 and 3. */
	readonly tensors: readonly [Tensor, Tensor, Tensor];
	/** Parameters of the optimizer's half after those of rounding. */
	readonly integers: readonly number[];
}

const createDispatch = (context: Context, label: string, access: string, code: string) => {
	const kernels = heights.map(({ rows, from }) => {
		const constants = {
			ROWS: `${rows}u`,
			QUADS: `${rows / 4}u`,
			DEPTH: `${256 / rows}u`,
			LAST: `${rows - 1}u`,
		};
		const product = isFiniteCode + code + specialise(linearUpdateCode, constants);
		const of = byParameter((format, parameterCode) =>
			context.kernel(
				`${label} ${rows} ${format}`,
				workgroupRows(context) + parameterCode + product,
				access,
				true,
			),
		);
		return { rows, from, of };
	});
	return (
		parameter: Tensor,
		dy: Tensor,
		x: Tensor,
		norm: Tensor,
		parts: readonly Part[],
		rounding: readonly number[],
		floats: readonly number[],
	): Tensor => {
		const width = widthOf(x);
		const across = Math.ceil(width / columns);
		const groups = (rows: number, { firstRow, endRow }: Part) =>
			Math.ceil((endRow - firstRow) / rows) * across;
		const fitting = ({ rows, from }: (typeof kernels)[number]) =>
			Math.ceil(rowsOf(parameter) / rows) * across >= from;
		const { rows, of } = kernels.find(fitting)!;
		const total = parts.reduce((sum, part) => sum + groups(rows, part), 0);
		const norms = context.empty([total]);
		let firstNorm = 0;
		for (const part of parts) {
			const { firstRow, endRow, offset, tensors, integers } = part;
			const [weight, first, second] = tensors;
			const sizes = [width / 4, rowsOf(x), widthOf(dy), offset, firstRow, endRow, firstNorm];
			const firstQuad = (offset * width) / 4;
			context.runtime.dispatch(
				of(parameter),
				[weight, x, first, second, norm, dy, norms].map(context.block),
				groups(rows, part),
				[...sizes, firstQuad, ...rounding, ...integers],
				floats,
			);
			firstNorm += groups(rows, part);
		}
		return norms;
	};
};

export const createLinearUpdate = (context: Context): Required<Pick<Ops, 'fused'>> => {
	const { arena } = context;
	const adamW = createDispatch(context, 'linearAdamW', 'wrwwrrw', stepCode + adamWCode);
	const adamW8bit = createDispatch(
		context,
		'linearAdamW8bit',
		'wrwrrrw',
		stepBlockCode + adamW8bitCode,
	);
	const fused: FusedOps = {
		linearAdamW: (parameter, dy, x, m, v, norm, step) => {
			const [ms, vs] = [m, v].map(arena.windows);
			let offset = 0;
			const parts = arena.windows(parameter).map((window, i): Part => {
				const part = { firstRow: 0, endRow: rowsOf(window), offset };
				offset += rowsOf(window);
				return { ...part, tensors: [window, ms![i]!, vs![i]!], integers: [] };
			});
			const rounding = roundingParameters(step.rounding);
			return adamW(parameter, dy, x, norm, parts, rounding, adamWParameters(step));
		},
		linearAdamW8bit: (parameter, dy, x, states, maps, norm, step) => {
			const width = widthOf(x);
			const perRow = width / blockSize;
			const parts = overlaps(arena.windows(parameter), arena.windows(states)).map(
				({ parameter: window, packed, inWindow, inStates, count, firstQuad }): Part => ({
					firstRow: Math.floor(inWindow / perRow),
					endRow: Math.ceil((inWindow + count) / perRow),
					offset: (4 * firstQuad) / width,
					tensors: [window, packed, maps],
					integers: [inWindow, inWindow + count, inStates],
				}),
			);
			const { beta1, share1, beta2, share2, rate, floor, keep } = adamW8bitParameters(step);
			const floats = [beta1, share1, beta2, share2, rate, floor, keep];
			const rounding = roundingParameters(step.rounding);
			return adamW8bit(parameter, dy, x, norm, parts, rounding, floats);
		},
	};
	return { fused };
};
