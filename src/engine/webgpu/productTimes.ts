// Times matrix products on the device for the calibration.
import type { WeightFormat } from '../../contract/precision.ts';
import type { Tensor } from '../ops.ts';
import { type Arena, createArena } from './arena.ts';
import type { Stopwatch } from './calibrate.ts';
import { createContext } from './context.ts';
import { kernelKey } from './kernelKey.ts';
import { createLinear } from './linear.ts';
import { type ProductKernel, productKernels } from './productKernels.ts';
import type { Runtime } from './runtime.ts';

type Product = (a: Tensor, b: Tensor) => Tensor;

/** A timed round takes at least so many milliseconds: the wait for the device is about one of them. */
const leastRound = 3;
const mostCalls = 128;
const rounds = 2;

export interface ProductTimes extends Stopwatch {
	/** Names adapter and kernels: another driver's name or other code is another key. */
	readonly key: string;
	/** Gives back all memory. */
	dispose(): void;
}

/** Milliseconds that products of two square matrices take together. */
const createTimer = (runtime: Runtime, arena: Arena, now: () => number) => {
	const { device } = runtime.open;
	return async (products: readonly Product[], side: number, format: WeightFormat) => {
		const a = arena.allocate([side, side], 'f32');
		const b = arena.allocate([side, side], format);
		const round = async (calls: number) => {
			const started = now();
			for (let call = 0; call < calls; call++)
				for (const multiply of products) arena.release(multiply(a, b));
			runtime.flush();
			await device.queue.onSubmittedWorkDone();
			return now() - started;
		};
		await round(1);
		let calls = 1;
		let best = await round(calls);
		while (best < leastRound && calls < mostCalls) best = await round((calls *= 2));
		for (let i = 1; i < rounds; i++) best = Math.min(best, await round(calls));
		arena.release(a);
		arena.release(b);
		return best / calls;
	};
};

/** One context of its own for each kernel; nothing is compiled before the first measurement. */
export const createProductTimes = async (
	runtime: Runtime,
	now: () => number,
): Promise<ProductTimes> => {
	const { device } = runtime.open;
	const arena = createArena(runtime.open, runtime.flush, runtime.forgetGroups);
	const candidate = (kernel: ProductKernel, halfTiles: boolean) => {
		const choice = { bySize: [{ from: 0, kernel }], halfTiles };
		const context = createContext(runtime, arena, 'tiled', choice);
		return { kernel, context, linear: createLinear(context) };
	};
	const candidates = productKernels.map((kernel) => candidate(kernel, false));
	const half = device.features.has('shader-f16') ? candidate('tiled 64', true) : null;
	const contexts = [...candidates, ...(half ? [half] : [])].map(({ context }) => context);
	let compiled: Promise<void> | undefined;

	const time = createTimer(runtime, arena, now);
	const find = (wanted: ProductKernel) => candidates.find(({ kernel }) => kernel === wanted)!;

	const measure: Stopwatch['measure'] = async (kernel, side) => {
		const common = candidates.flatMap(({ context }) => context.kernels.common);
		await (compiled ??= runtime.compile(common));
		const { linear, linearBackwardInput, linearBackwardWeight } = find(kernel).linear;
		return time([linear, linearBackwardInput, linearBackwardWeight], side, 'f32');
	};

	const measureInt8 = async (halfTiles: boolean, side: number) => {
		const { linear, linearBackwardInput } = (halfTiles ? half! : find('tiled 64')).linear;
		return time([linear, linearBackwardInput], side, 'int8');
	};

	return {
		key: await kernelKey(runtime, contexts),
		measure,
		measureInt8: half && measureInt8,
		now,
		dispose: () => {
			arena.dispose();
		},
	};
};
