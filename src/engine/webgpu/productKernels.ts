// Which kernel computes a matrix product, by how large the product is.
import type { Variant } from './variant.ts';

/** Blocks in registers, or tiles of 32 x 32 or 64 x 64 in workgroup memory. */
export const productKernels = ['tiled 32', 'tiled 64', 'regs'] as const;
export type ProductKernel = (typeof productKernels)[number];

export interface ProductChoice {
	/** From how many tiles of 64 x 64 in a product on a kernel is used, until the next one; the first is from 0. */
	readonly bySize: readonly { readonly from: number; readonly kernel: ProductKernel }[];
	/** Whether tiles of 8-bit weights hold 16-bit floats: what is multiplied is the same. */
	readonly halfTiles: boolean;
}

/**
 * Without a measurement. Tiles of 64 do twice the work per value loaded; below 96 of them many a GPU stands half
 * idle. An adapter emulated on a CPU always takes `regs`: tuned to it, the choice would say nothing about a GPU.
 */
export const standardChoice: Readonly<Record<Variant, ProductChoice>> = {
	tiled: {
		bySize: [
			{ from: 0, kernel: 'tiled 32' },
			{ from: 96, kernel: 'tiled 64' },
		],
		halfTiles: false,
	},
	regs: { bySize: [{ from: 0, kernel: 'regs' }], halfTiles: false },
};

/** Tiles of 64 x 64 in a product. */
export const tilesOf = (rows: number, columns: number): number =>
	Math.ceil(rows / 64) * Math.ceil(columns / 64);

export const kernelFor = ({ bySize }: ProductChoice, tiles: number): ProductKernel =>
	bySize.findLast(({ from }) => tiles >= from)!.kernel;
