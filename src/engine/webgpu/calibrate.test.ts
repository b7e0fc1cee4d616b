// The choice of kernels for matrix products: by an injected stopwatch, then from the cache; never on an emulated adapter.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArena } from './arena.ts';
import { cachedChoice, calibrate, type ChoiceCache, type Stopwatch } from './calibrate.ts';
import { createContext } from './context.ts';
import { openDevice, type OpenDevice } from './device.ts';
import { createLinear } from './linear.ts';
import { chooseProducts } from './ops.ts';
import { type ProductChoice, type ProductKernel, standardChoice } from './productKernels.ts';
import { createProductTimes } from './productTimes.ts';
import { createRuntime, type Runtime } from './runtime.ts';

type Times = Record<ProductKernel, number>;

/** A stopwatch whose clock goes on by what is measured, `calls` times each; `int8`: times with half tiles and without. */
function stopwatch(
	times: Record<number, Times>,
	{ calls = 1, int8 }: { calls?: number; int8?: readonly [number, number] } = {},
) {
	const measured: string[] = [];
	let clock = 0;
	const watch: Stopwatch = {
		measure: (kernel, side) => {
			measured.push(`${kernel}, ${side}`);
			const time = times[side]![kernel];
			clock += calls * time;
			return Promise.resolve(time);
		},
		measureInt8: int8
			? (halfTiles, side) => {
					measured.push(`int8 ${halfTiles}, ${side}`);
					return Promise.resolve(int8[halfTiles ? 0 : 1]);
				}
			: null,
		now: () => clock,
	};
	return { ...watch, measured };
}

const even: Times = { 'tiled 32': 1, 'tiled 64': 1, regs: 1 };

describe('calibrate', () => {
	test('takes the fastest kernel at each size', async () => {
		const watch = stopwatch({
			256: { ...even, regs: 0.5 },
			512: { ...even, 'tiled 64': 0.5, regs: 0.6 },
			1024: { ...even, 'tiled 32': 0.7 },
		});
		expect(await calibrate(watch)).toEqual({
			bySize: [
				{ from: 0, kernel: 'regs' },
				{ from: 32, kernel: 'tiled 64' },
				{ from: 128, kernel: 'tiled 32' },
			],
			halfTiles: false,
		});
		expect(new Set(watch.measured).size).toBe(9);
		expect(watch.measured.length).toBe(9);
	});

	test('keeps the standard kernels where none is clearly faster', async () => {
		const times = {
			256: { ...even, 'tiled 64': 0.95 },
			512: { ...even, regs: 0.95 },
			1024: { ...even, 'tiled 32': 0.95 },
		};
		expect((await calibrate(stopwatch(times))).bySize).toEqual([
			{ from: 0, kernel: 'tiled 32' },
			{ from: 128, kernel: 'tiled 64' },
		]);
	});

	test('stops before a size that would take too long, which keeps its standard kernel', async () => {
		const watch = stopwatch({ 256: { ...even, regs: 0.5 } }, { calls: 20, int8: [1, 2] });
		expect(await calibrate(watch)).toEqual({
			bySize: [
				{ from: 0, kernel: 'regs' },
				{ from: 96, kernel: 'tiled 64' },
			],
			halfTiles: false,
		});
		expect(watch.measured.length).toBe(3);
	});

	test.each([
		['clearly faster', [0.8, 1], true],
		['hardly faster', [0.95, 1], false],
		['slower', [1.2, 1], false],
	] as const)('half tiles that are %s', async (_, int8, halfTiles) => {
		const watch = stopwatch({ 256: even, 512: even, 1024: even }, { int8 });
		expect((await calibrate(watch)).halfTiles).toBe(halfTiles);
		expect(watch.measured.slice(9)).toEqual(['int8 true, 512', 'int8 false, 512']);
	});
});

function memory(kept: Map<string, unknown>): ChoiceCache {
	return {
		get: (key) => Promise.resolve(kept.get(key)),
		set: (key, value) => {
			kept.set(key, value);
			return Promise.resolve();
		},
	};
}

describe('cachedChoice', () => {
	const bySize = [{ from: 0, kernel: 'tiled 64' }] as const;
	const choice: ProductChoice = { bySize, halfTiles: true };
	const never = () => Promise.reject(new Error('measured again'));

	test('measures once for a key', async () => {
		const cache = memory(new Map());
		expect(await cachedChoice('one', cache, () => Promise.resolve(choice))).toEqual(choice);
		expect(await cachedChoice('one', cache, never)).toEqual(choice);
		await expect(cachedChoice('other', cache, never)).rejects.toThrow('measured again');
	});

	test.each([
		['an unknown kernel', { bySize: [{ from: 0, kernel: 'fast' }], halfTiles: false }],
		['no kernel for small products', { bySize: [{ from: 32, kernel: 'regs' }], halfTiles: false }],
		['nothing', { bySize: [], halfTiles: false }],
		['nothing of half tiles', { bySize }],
		['something else', 'regs'],
	])('measures anew where %s was kept', async (_, kept) => {
		const values = new Map<string, unknown>([['one', kept]]);
		const choose = () => Promise.resolve(choice);
		expect(await cachedChoice('one', memory(values), choose)).toEqual(choice);
		expect(values.get('one')).toEqual(choice);
	});
});

const dawn = typeof process === 'undefined' ? null : await import('webgpu').catch(() => null);
const checkingGpu = dawn?.create(['backend=null']) ?? null;

describe.skipIf(checkingGpu === null)('on a device that only checks', () => {
	let open: OpenDevice;
	beforeAll(async () => {
		Object.assign(globalThis, dawn!.globals);
		open = await openDevice(checkingGpu!);
	});
	afterAll(() => {
		open.destroy();
	});

	test('every kernel is timed, by calls, and nothing stays behind', async () => {
		const runtime = createRuntime(open);
		let clock = 0;
		// The device only checks and takes no time: each round lasts as long as the clock says.
		const times = await createProductTimes(runtime, () => (clock += 2));
		for (const kernel of ['tiled 32', 'tiled 64', 'regs'] as const)
			expect(await times.measure(kernel, 64)).toBe(2 / 128);
		for (const halfTiles of [true, false])
			expect(await times.measureInt8?.(halfTiles, 64)).toBe(2 / 128);
		const again = await createProductTimes(runtime, () => 0);
		expect(again.key).toBe(times.key);
		expect(times.key).toMatch(/ \| [0-9a-f]{16}$/);
		times.dispose();
		again.dispose();
		open.check();
		runtime.dispose();
	});

	test('a hardware adapter is measured once, an emulated one never', async () => {
		const runtime = createRuntime(open);
		const on = (software: boolean) => ({
			...runtime,
			open: { ...open, info: { ...open.info, software } },
		});
		const kept = new Map<string, unknown>();
		const cache = memory(kept);
		expect(await chooseProducts(on(true), { cache })).toEqual(standardChoice.regs);
		expect(kept.size).toBe(0);
		const choice = await chooseProducts(on(false), { cache });
		expect([...kept.values()]).toEqual([choice]);
		const [key = ''] = kept.keys();
		kept.set(key, { bySize: [{ from: 0, kernel: 'tiled 64' }], halfTiles: true });
		expect(await chooseProducts(on(false), { cache })).toEqual(kept.get(key));
		runtime.dispose();
	});

	test('a product takes the kernel for its size', () => {
		const runtime = createRuntime(open);
		const arena = createArena(open, runtime.flush, runtime.forgetGroups);
		const taken: string[] = [];
		const recording: Runtime = {
			...runtime,
			dispatch: (kernel, _, groups) => taken.push(`${kernel.label}: ${groups}`),
		};
		const { linear } = createLinear(
			createContext(recording, arena, 'tiled', {
				bySize: [
					{ from: 0, kernel: 'regs' },
					{ from: 2, kernel: 'tiled 32' },
					{ from: 6, kernel: 'tiled 64' },
				],
				halfTiles: true,
			}),
		);
		// 1, 2 and 6 tiles of 64 x 64.
		for (const [rows, outer] of [
			[30, 40],
			[70, 60],
			[130, 100],
		] as const)
			linear(arena.allocate([rows, 24], 'f32'), arena.allocate([outer, 24], 'f32'));
		expect(taken).toEqual([
			'linear NT regs f32: 1',
			'linear NT tiled 32 f32: 6',
			'linear NT tiled 64 f32: 6',
		]);
		// 8-bit weights have half tiles where their rows are whole blocks.
		for (const inner of [64, 96])
			linear(arena.allocate([70, inner], 'f32'), arena.allocate([60, inner], 'int8'));
		expect(taken.slice(3)).toEqual([
			'linear NT tiled 32 int8 f16: 6',
			'linear NT tiled 32 int8: 6',
		]);
		arena.dispose();
		runtime.dispose();
	});
});
