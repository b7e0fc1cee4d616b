// Every kernel in every variant compiles, on a device that only checks: no driver is needed.
import { afterAll, describe, expect, test } from 'vitest';
import { createArena } from './arena.ts';
import { createContext } from './context.ts';
import { openDevice, type OpenDevice, type Restrictions } from './device.ts';
import { createOperations } from './ops.ts';
import { standardChoice } from './productKernels.ts';
import { createRuntime, defineKernel } from './runtime.ts';

const dawn = typeof process === 'undefined' ? null : await import('webgpu').catch(() => null);
const gpu = dawn?.create(['backend=null']) ?? null;

describe.skipIf(gpu === null)('kernels without a GPU', () => {
	const opened: OpenDevice[] = [];
	const open = async (restrictions: Restrictions = {}) => {
		Object.assign(globalThis, dawn!.globals);
		const device = await openDevice(gpu!, restrictions);
		opened.push(device);
		return device;
	};
	afterAll(() => {
		for (const device of opened) device.destroy();
	});

	test.each([
		['regs', true],
		['tiled', true],
		['regs', false],
		['tiled', false],
	] as const)('%s compile, subgroups %s', async (variant, subgroups) => {
		const device = await open({ subgroups });
		expect(device.device.features.has('subgroups')).toBe(subgroups);
		const runtime = createRuntime(device);
		const arena = createArena(device, runtime.flush, runtime.forgetGroups);
		const context = createContext(runtime, arena, variant, {
			...standardChoice[variant],
			halfTiles: device.device.features.has('shader-f16'),
		});
		createOperations(context);
		const { common, rare } = context.kernels;
		const labels = [...common, ...rare].map(({ label }) => label);
		expect(new Set(labels).size).toBe(labels.length);
		// 8-bit weights in both layouts and sizes of tiles.
		expect(labels.filter((label) => label.endsWith('int8 f16')).length).toBe(
			variant === 'tiled' ? 4 : 0,
		);
		for (const format of ['bf16', 'int8', 'nf4', 'nf4-double'])
			expect(labels.filter((label) => label.endsWith(format)).length).toBeGreaterThan(2);
		await runtime.compile([...common, ...rare]);
		device.check();
		runtime.dispose();
	});

	test('more parameters than a kernel takes are refused by its name', async () => {
		const device = await open();
		const runtime = createRuntime(device);
		const kernel = defineKernel('wide', '@compute @workgroup_size(1) fn main() {}', '');
		const dispatch = (integers: number, floats: number) => {
			runtime.dispatch(kernel, [], 1, Array(integers).fill(1), Array(floats).fill(1));
		};
		dispatch(31, 1);
		expect(() => {
			dispatch(32, 1);
		}).toThrow('wide: 33 parameters; a kernel takes 32 at most');
		expect(() => {
			dispatch(0, 33);
		}).toThrow('wide');
		device.check();
		runtime.dispose();
	});

	test('a broken one is found', async () => {
		const device = await open();
		const runtime = createRuntime(device);
		const context = createContext(
			runtime,
			createArena(device, runtime.flush, () => undefined),
			'regs',
		);
		await expect(runtime.compile([context.kernel('broken', 'fn main() {', 'r')])).rejects.toThrow();
		runtime.dispose();
	});
});
