/** Every kernel is right here; one that gives nothing without a word is found, named, and replaced where it can be. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Tensor } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { createWasmOps } from '../wasm/ops.ts';
import { createWebGpuOps } from '../webgpu/ops.ts';
import { uses } from './onUse.ts';
import { type CheckedOps, openChecked, selfCheck } from './selfCheck.ts';

const products = { bySize: [{ from: 0 }, { from: 96 }] };
const checked = <T extends object>(ops: T) => ({ key: 'adapter', products, ...ops });

/** `ops` whose kernels of these names give zeros, as drivers are known to. */
function silent(ops: CheckedOps, names: readonly (keyof CheckedOps)[]): CheckedOps {
	const zeros = (name: keyof CheckedOps) => {
		return (...args: unknown[]) => {
			const result = (ops[name] as (...given: unknown[]) => unknown)(...args);
			const tensors = 'size' in (result as object) ? [result] : Object.values(result as object);
			for (const tensor of tensors) ops.fill(tensor as never, 0);
			return result;
		};
	};
	return { ...ops, ...Object.fromEntries(names.map((name) => [name, zeros(name)])) };
}

test('the reference and WASM agree in every case and keep nothing', async () => {
	for (const use of [undefined, ...uses])
		expect(await selfCheck(checked(createReferenceOps()), use)).toEqual([]);
	const wasm = await createWasmOps({ threads: 1 });
	// It keeps weights in f32 only.
	for (const use of [undefined, 'odd widths', 'geglu', 'xielu', 'scale', 'axpby'] as const)
		expect(await selfCheck(checked(wasm), use)).toEqual([]);
	expect(wasm.memory().tensors).toBe(0);
	wasm.dispose();
});

test.each([
	['linear', /^linear/],
	['linearBackwardInput', /input of linear/],
	['linearBackwardWeight', /weight of linear/],
	['attention', /^attention/],
	['rmsNorm', /^rmsNorm/],
	['crossEntropy', /cross-entropy/],
	['swiglu', /swiglu/],
	['sumRows', /sums/],
	['gatherRows', /rows of a table/],
	['globalNorm', /norm of the gradients/],
	['dropout', /dropout/],
] as const)('%s that gives zeros is found', async (name, kernel) => {
	const faults = await selfCheck(silent(checked(createReferenceOps()), [name]));
	expect(faults.map((fault) => fault.kernel)).toContainEqual(expect.stringMatching(kernel));
	expect(faults.map(({ found }) => found)).toContain('zeros');
});

describe('opening', () => {
	const kept = new Map<string, unknown>();
	const cache = {
		get: (key: string) => Promise.resolve(kept.get(key)),
		set: (key: string, outcome: unknown) => Promise.resolve(void kept.set(key, outcome)),
	};
	afterEach(() => {
		kept.clear();
	});

	/** An adapter whose tiles and whose subgroups are broken. */
	const opened: string[][] = [];
	const open = (remedies: ReadonlySet<string>) => {
		opened.push([...remedies]);
		const broken = [
			...(remedies.has('registers') ? [] : (['linear', 'attention'] as const)),
			...(remedies.has('no subgroups') ? [] : (['crossEntropy'] as const)),
		];
		return Promise.resolve(silent(checked(createReferenceOps()), broken));
	};

	test('takes plain variants where others are wrong, says so, and remembers it', async () => {
		opened.length = 0;
		const ops = await openChecked(open, cache);
		expect(opened).toEqual([[], ['registers', 'no subgroups']]);
		expect(ops.info.replaced).toContainEqual('attention (gave zeros)');
		expect(ops.info.replaced).toContainEqual('cross-entropy (gave zeros)');
		opened.length = 0;
		const again = await openChecked(open, cache);
		expect(opened).toEqual([[], ['registers', 'no subgroups']]);
		expect(again.info.replaced).toEqual(ops.info.replaced);
	});

	test('checks once, and again where what is kept makes no sense', async () => {
		const sound = () => Promise.resolve(checked(createReferenceOps()));
		expect((await openChecked(sound, cache)).info.replaced).toBeUndefined();
		expect([...kept.values()]).toEqual([{ remedies: [], replaced: [] }]);
		kept.set([...kept.keys()][0]!, { remedies: ['hope'] });
		await openChecked(sound, cache);
		expect([...kept.values()]).toEqual([{ remedies: [], replaced: [] }]);
	});

	test('refuses an adapter whose kernel is wrong in every variant', async () => {
		const broken = () => Promise.resolve(silent(checked(createReferenceOps()), ['linear']));
		const refusal = openChecked(broken, cache);
		await expect(refusal).rejects.toMatchObject({ name: 'DeviceError' });
		await expect(refusal).rejects.toThrow(/"linear, .*" gives zeros.*choose WASM/);
		expect(kept.size).toBe(0);
	});

	describe('checks what few models need when it is first used', () => {
		/** An adapter whose kernels for weights in int8 and odd widths are broken; plain ones are right where `curable`. */
		const opening = (curable: boolean) => (remedies: ReadonlySet<string>) => {
			opened.push([...remedies]);
			const ops = checked(createReferenceOps());
			const isBroken = ({ dtype, shape }: Tensor) =>
				!(curable && remedies.has('registers')) && (dtype === 'int8' || shape[1] === 7);
			return Promise.resolve({
				...ops,
				linear(...request: Parameters<typeof ops.linear>) {
					const y = ops.linear(...request);
					if (isBroken(request[1])) ops.fill(y, 0);
					return y;
				},
			});
		};

		const product = (ops: CheckedOps, width: number, format: 'f32' | 'int8' | 'bf16') => {
			const x = ops.upload(new Float32Array(width).fill(1), [1, width]);
			const weight = ops.uploadWeight(new Float32Array(4 * width).fill(1), [4, width], format);
			return ops.linear(x, weight);
		};

		test.each([
			['a format', 64, 'int8', /"linear, 68 x 128 x 72, int8" gives zeros/],
			['odd widths', 7, 'f32', /"linear, 5 x 7 x 9, f32" gives zeros/],
		] as const)('%s', async (_name, width, format, wrong) => {
			opened.length = 0;
			const first = await openChecked(opening(true), cache);
			const sound = await first.read(product(first, 64, 'bf16'));
			expect([...sound]).toEqual([64, 64, 64, 64]);
			const y = product(first, width, format);
			await expect(first.read(y)).rejects.toThrow(wrong);
			await expect(first.read(y)).rejects.toThrow(/Start again/);
			await expect(first.settle()).rejects.toMatchObject({ name: 'DeviceError' });
			await expect(first.readIntegers(y)).rejects.toMatchObject({ name: 'DeviceError' });

			const second = await openChecked(opening(true), cache);
			expect(opened).toEqual([[], [], ['registers']]);
			expect(second.info.replaced).toEqual([expect.stringMatching(/^linear, .* \(gave zeros\)$/)]);
			expect([...(await second.read(product(second, width, format)))]).toEqual(
				Array(4).fill(width),
			);
		});

		test('and refuses where the plain variant is wrong, too', async () => {
			for (const said of [/Start again/, /no other variant/, /no other variant/]) {
				const ops = await openChecked(opening(false), cache);
				await expect(ops.read(product(ops, 64, 'int8'))).rejects.toThrow(said);
			}
		});

		test('once on an adapter', async () => {
			const ops = await openChecked(opening(true), cache);
			await ops.read(product(ops, 64, 'bf16'));
			await ops.read(product(ops, 64, 'bf16'));
			expect([...kept.keys()]).toEqual(['self-check | adapter', 'self-check | adapter | bf16']);
			kept.set('self-check | adapter | int8', { remedies: [], replaced: [] });
			const again = await openChecked(opening(true), cache);
			expect([...(await again.read(product(again, 64, 'int8')))]).toEqual([0, 0, 0, 0]);
		});
	});
});

describe.skipIf(!('gpu' in navigator))('on a WebGPU adapter', () => {
	/** A driver that runs no attention kernel made of tiles, without a word: all others are right, the plain ones all are. */
	test('a kernel that does nothing is replaced, and no other', async () => {
		const open = async (remedies: ReadonlySet<string>) => {
			const gpu = navigator.gpu;
			return createWebGpuOps({
				compileAhead: false,
				variant: remedies.has('registers') ? 'regs' : 'tiled',
				gpu: {
					requestAdapter: async (wanted?: GPURequestAdapterOptions) => {
						const adapter = (await gpu.requestAdapter(wanted))!;
						const requestDevice = adapter.requestDevice.bind(adapter);
						adapter.requestDevice = async (asked) => silentDevice(await requestDevice(asked));
						return adapter;
					},
				} as unknown as GPU,
			});
		};
		const ops = await openChecked(open, {
			get: () => Promise.resolve(null),
			set: () => Promise.resolve(),
		});
		expect(ops.info.replaced).toEqual([
			expect.stringMatching(/^attention \(gave /),
			expect.stringMatching(/^gradients of attention \(gave /),
		]);
		expect(ops.memory().tensors).toBe(0);
		ops.dispose();
	});

	function silentDevice(device: GPUDevice): GPUDevice {
		const create = device.createShaderModule.bind(device);
		device.createShaderModule = (description) => {
			if (!/attention.*tiled|tiled.*attention/i.test(description.label ?? ''))
				return create(description);
			const code = description.code.replace(/(fn main\([^{]*\{)/, '$1 if (true) { return; }');
			return create({ ...description, code });
		};
		return device;
	}
});
