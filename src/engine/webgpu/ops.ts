// The WebGPU implementation of `Ops`: puts device, memory, runtime and the groups of operations together.
import type { Ops } from '../ops.ts';
import { createActivations } from './activations.ts';
import { createUpdate8bit } from './adamW8bit.ts';
import { createArena } from './arena.ts';
import { createAxpby } from './axpby.ts';
import { createAttention } from './attention.ts';
import { cachedChoice, calibrate, type ChoiceCache } from './calibrate.ts';
import { type Context, createContext } from './context.ts';
import { openDevice, type Restrictions } from './device.ts';
import { createEncoderOps } from './encoder.ts';
import { createNorm, createRotation } from './layers.ts';
import { kernelKey } from './kernelKey.ts';
import { createLinear } from './linear.ts';
import { createLinearUpdate } from './linearUpdate.ts';
import { createAllocation } from './memory.ts';
import { createTransfer } from './transfer.ts';
import { type ProductChoice, standardChoice } from './productKernels.ts';
import { createProductTimes } from './productTimes.ts';
import { createReader } from './read.ts';
import { createRows } from './rows.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { createUpdate } from './update.ts';
import type { Variant } from './variant.ts';

export interface WebGpuOptions extends Restrictions {
	/** Where to ask for an adapter; default: `navigator.gpu`. */
	readonly gpu?: GPU;
	/** Overrides the choice of kernels by adapter; for tests and measurements. */
	readonly variant?: Variant;
	/** Overrides whether tiles of 8-bit weights hold 16-bit floats, which the adapter must have; likewise. */
	readonly halfTiles?: boolean;
	/** Where the choice for a hardware adapter is kept; default: it is measured at every start. */
	readonly cache?: ChoiceCache;
	/** Whether gradient and update of a weight are made in one; default: true. */
	readonly fused?: boolean;
	/** Kernels that most models need are compiled before the first use; default: true. */
	readonly compileAhead?: boolean;
}

export interface WebGpuOps extends Ops {
	/** Kernels of matrix products, as chosen for the adapter. */
	readonly products: ProductChoice;
	/** Names adapter and kernels. */
	readonly key: string;
}

/** All operations that run kernels; nothing is compiled yet. */
export const createOperations = (context: Context) => ({
	...createAllocation(context),
	...createLinear(context),
	...createRows(context),
	...createNorm(context),
	...createRotation(context),
	...createActivations(context),
	...createAttention(context),
	...createEncoderOps(context),
	...createUpdate(context),
	...createUpdate8bit(context),
	...createLinearUpdate(context),
	...createAxpby(context),
});

/** The standard choice for a given variant or an emulated adapter; else measured on this adapter, or kept from then. */
export const chooseProducts = async (
	runtime: Runtime,
	{ variant, cache, halfTiles = false }: WebGpuOptions,
): Promise<ProductChoice> => {
	if (variant) return { ...standardChoice[variant], halfTiles };
	if (runtime.open.info.software) return standardChoice.regs;
	const times = await createProductTimes(runtime, () => performance.now());
	try {
		return await cachedChoice(times.key, cache, () => calibrate(times));
	} finally {
		times.dispose();
	}
};

/**
 * Opens a device of its own, registers it with tfjs as 'webgpu' and compiles the kernels.
 * @throws `NoAdapter` where there is no WebGPU; the methods throw or reject with `OutOfMemory`, `DeviceLost`,
 * `DeviceError` (the first rule of WebGPU broken, fatal) and `BadInput` (a released or foreign tensor).
 */
export const createWebGpuOps = async (options: WebGpuOptions = {}): Promise<WebGpuOps> => {
	const gpu = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
	const open = await openDevice(gpu, options);
	const runtime = createRuntime(open);
	const arena = createArena(open, runtime.flush, runtime.forgetGroups, options.largestBinding);
	const variant = options.variant ?? (open.info.software ? 'regs' : 'tiled');
	const products = await chooseProducts(runtime, options);
	const context = createContext(runtime, arena, variant, products);
	const reader = createReader(open, runtime.encoder);
	const { fused, ...apart } = createOperations(context);
	const update = (options.fused ?? true) ? { fused } : {};
	const operations = { ...apart, ...update, ...createTransfer(context, reader) };
	if (options.compileAhead ?? true) await runtime.compile(context.kernels.common);
	return {
		info: open.info,
		products,
		key: await kernelKey(runtime, [context]),
		...operations,
		settle: async () => {
			open.check();
			runtime.flush();
			await open.device.queue.onSubmittedWorkDone();
			open.check();
		},
		dispose: () => {
			arena.dispose();
			reader.dispose();
			runtime.dispose();
			open.destroy();
		},
	};
};
