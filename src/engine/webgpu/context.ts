// What every group of operations is built from, and the few ways they all call a kernel.
import type { Tensor } from '../ops.ts';
import type { Arena, Block, GpuTensor } from './arena.ts';
import { type ProductChoice, standardChoice } from './productKernels.ts';
import type { Kernel, Runtime } from './runtime.ts';
import { defineKernel } from './runtime.ts';
import type { Variant } from './variant.ts';

export interface Context {
	readonly runtime: Runtime;
	readonly arena: Arena;
	readonly variant: Variant;
	/** Kernels of matrix products. */
	readonly products: ProductChoice;
	/**
	 * Defines a kernel that is compiled before the backend is handed out, or, where most models do without it (`rare`),
	 * when it is first used.
	 */
	kernel(label: string, code: string, access: string, rare?: boolean): Kernel;
	/** Kernels defined so far. */
	readonly kernels: { readonly common: readonly Kernel[]; readonly rare: readonly Kernel[] };
	readonly block: (tensor: Tensor) => Block;
	/** Uninitialised f32 memory. */
	empty(shape: readonly number[]): GpuTensor;
}

export const createContext = (
	runtime: Runtime,
	arena: Arena,
	variant: Variant,
	products: ProductChoice = standardChoice[variant],
): Context => {
	const kernels = { common: [] as Kernel[], rare: [] as Kernel[] };
	return {
		runtime,
		arena,
		variant,
		products,
		kernels,
		kernel: (label, code, access, rare = false) => {
			const kernel = defineKernel(label, code, access);
			kernels[rare ? 'rare' : 'common'].push(kernel);
			return kernel;
		},
		block: (tensor) => arena.block(tensor),
		empty: (shape) => arena.allocate(shape, 'f32'),
	};
};

/** Length of the last dimension; 1 for a scalar. */
export const widthOf = ({ shape }: Tensor): number => shape.at(-1) ?? 1;

/** Product of all dimensions but the last. */
export const rowsOf = (tensor: Tensor): number => tensor.size / Math.max(1, widthOf(tensor));

/** Threads of every workgroup. */
export const threads = 64;

/** Workgroups for one thread per item. */
export const groupsFor = (items: number): number => Math.ceil(items / threads);

/** Whole vec4 in a tensor's memory, which is padded to them. */
export const quadsOf = (tensor: Tensor): number => Math.ceil(tensor.size / 4);
