// Times matrix products on the device for the calibration.
import { sha256 } from '../../contract/sha256.ts';
import { createArena } from './arena.ts';
import type { Stopwatch } from './calibrate.ts';
import { type Context, createContext } from './context.ts';
import { createLinear } from './linear.ts';
import { productKernels } from './productKernels.ts';
import type { Runtime } from './runtime.ts';

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

const keyOf = async ({ open }: Runtime, contexts: readonly Context[]): Promise<string> => {
	const { vendor, architecture, device, description } = open.adapterInfo;
	const code = contexts.flatMap(({ kernels }) => kernels.common.map((kernel) => kernel.code));
	const hash = await sha256(new TextEncoder().encode(code.join('\n')));
	return [vendor, architecture, device, description, hash.slice(0, 16)].join(' | ');
};

/** One context of its own for each kernel; nothing is compiled before the first measurement. */
export const createProductTimes = async (
	runtime: Runtime,
	now: () => number,
): Promise<ProductTimes> => {
	const { device } = runtime.open;
	const arena = createArena(runtime.open, runtime.flush, runtime.forgetGroups);
	const candidates = productKernels.map((kernel) => {
		const context = createContext(runtime, arena, 'tiled', [{ from: 0, kernel }]);
		return { kernel, context, linear: createLinear(context) };
	});
	const contexts = candidates.map(({ context }) => context);
	let compiled: Promise<void> | undefined;

	const measure: Stopwatch['measure'] = async (wanted, side) => {
		await (compiled ??= runtime.compile(contexts.flatMap(({ kernels }) => kernels.common)));
		const { linear } = candidates.find(({ kernel }) => kernel === wanted)!;
		const a = arena.allocate([side, side], 'f32');
		const b = arena.allocate([side, side], 'f32');
		const round = async (calls: number) => {
			const started = now();
			for (let call = 0; call < calls; call++) {
				arena.release(linear.linear(a, b));
				arena.release(linear.linearBackwardInput(a, b));
				arena.release(linear.linearBackwardWeight(a, b));
			}
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

	return {
		key: await keyOf(runtime, contexts),
		measure,
		now,
		dispose: () => {
			arena.dispose();
		},
	};
};
