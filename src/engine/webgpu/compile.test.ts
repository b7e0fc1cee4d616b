// Every kernel in every variant compiles, on a device that only checks: no driver is needed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArena } from './arena.ts';
import { createContext } from './context.ts';
import { openDevice, type OpenDevice } from './device.ts';
import { createOperations } from './ops.ts';
import { createRuntime } from './runtime.ts';

const dawn = typeof process === 'undefined' ? null : await import('webgpu').catch(() => null);
const gpu = dawn?.create(['backend=null']) ?? null;

describe.skipIf(gpu === null)('kernels without a GPU', () => {
	let open: OpenDevice;
	beforeAll(async () => {
		Object.assign(globalThis, dawn!.globals);
		open = await openDevice(gpu!);
	});
	afterAll(() => {
		open.destroy();
	});

	test.each(['regs', 'tiled'] as const)('%s compile', async (variant) => {
		const runtime = createRuntime(open);
		const arena = createArena(open, runtime.flush, runtime.forgetGroups);
		const context = createContext(runtime, arena, variant);
		createOperations(context);
		const { common, rare } = context.kernels;
		const labels = [...common, ...rare].map(({ label }) => label);
		expect(new Set(labels).size).toBe(labels.length);
		for (const format of ['bf16', 'int8', 'nf4'])
			expect(labels.filter((label) => label.endsWith(format)).length).toBeGreaterThan(2);
		await runtime.compile([...common, ...rare]);
		open.check();
		runtime.dispose();
	});

	test('a broken one is found', async () => {
		const runtime = createRuntime(open);
		const context = createContext(
			runtime,
			createArena(open, runtime.flush, () => undefined),
			'regs',
		);
		await expect(runtime.compile([context.kernel('broken', 'fn main() {', 'r')])).rejects.toThrow();
		runtime.dispose();
	});
});
