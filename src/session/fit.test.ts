/** Runs that are too large for the device: refused in words, with runs that do fit by the same forecast. */
import { describe, expect, test } from 'vitest';
import type { OptimizerKind } from '../contract/optimizers.mjs';
import type { RunSpec } from '../contract/spec.ts';
import { runSpec } from '../storage/testing.ts';
import { fitOf, requireFit } from './fit.ts';
import { llama7b } from './llama7b.ts';
import { planSpec } from './plan.ts';
import { requireRoom } from './room.ts';

const gpu = (memory: number) => ({ backend: 'webgpu', memory }) as const;
const wasm = (memory: number) => ({ backend: 'wasm', memory }) as const;
const plain = runSpec();
const spec: RunSpec = {
	...plain,
	selection: { method: 'cogsym', k: 8 },
	data: { ...plain.data, sequenceLength: 512 },
	batch: { size: 4, accumulation: 2 },
	recompute: 'always',
	precision: { frozen: 'bf16', trainable: 'bf16-stochastic' },
	optimizer: { ...plain.optimizer, kind: 'adamw-8bit' },
};

describe('a run', () => {
	test('that fits, or of whose device nobody knows the memory, is not refused', () => {
		const { total } = planSpec(gpu(1e12), llama7b, spec).forecast.bytes;
		expect(fitOf(gpu(total), llama7b, spec)).toEqual({ limit: total, refusal: null, nearest: [] });
		expect(fitOf({ backend: 'webgpu', memory: null }, llama7b, spec).refusal).toBeNull();
		expect(fitOf(gpu(total - 1), llama7b, spec).refusal).not.toBeNull();
	});

	test.each([27e9, 24e9, 16e9, 8e9])('too large for %d bytes has neighbours that fit', (limit) => {
		const { refusal, nearest } = fitOf(gpu(limit), llama7b, spec);
		expect(refusal).toContain('nothing was allocated');
		expect(nearest.length).toBeGreaterThan(0);
		for (const run of nearest) {
			const { total } = planSpec(gpu(limit), llama7b, run.spec).forecast.bytes;
			expect(total, run.what).toBe(run.bytes);
			expect(total, run.what).toBeLessThanOrEqual(limit);
		}
	});

	test('is told the mildest of each kind', () => {
		const { nearest } = fitOf(gpu(24e9), llama7b, spec);
		const ways = nearest.map(({ what }) => what);
		expect(ways).toContain('frozen weights in int8');
		expect(ways.find((what) => what.includes('layers'))).toMatch(/^\d layers in place of 8$/);
		const fewer = nearest.find(({ what }) => what.includes('layers'))!;
		const k = (fewer.spec.selection as { k: number }).k;
		const one = { ...spec, selection: { method: 'cogsym', k: k + 2 } } as const;
		expect(planSpec(gpu(24e9), llama7b, one).forecast.bytes.total).toBeGreaterThan(24e9);
	});

	test('is offered a lighter optimizer where its own has one', () => {
		const offered = (kind: OptimizerKind) => {
			const one = { ...spec, optimizer: { ...plain.optimizer, kind } };
			const { total } = planSpec(gpu(1), llama7b, one).forecast.bytes;
			const { nearest } = fitOf(gpu(total - 1), llama7b, one);
			return nearest.find(({ spec: other }) => other.optimizer.kind !== kind)?.what;
		};
		expect(offered('adamw')).toBe('AdamW in 8 bits');
		expect(offered('adamw-8bit')).toBeUndefined();
		expect(offered('muon')).toBeUndefined();
	});

	test('is told of smaller micro-batches that make the same update', () => {
		const large = { ...spec, batch: { size: 16, accumulation: 2 } };
		const of = (size: number, accumulation: number) =>
			planSpec(gpu(1), llama7b, { ...spec, batch: { size, accumulation } }).forecast.bytes.total;
		const { nearest } = fitOf(gpu(of(8, 4)), llama7b, large);
		expect(nearest[0]).toMatchObject({
			what: 'a batch of 4 x 8 in place of 2 x 16',
			spec: { batch: { size: 8, accumulation: 4 } },
			bytes: of(8, 4),
		});
	});

	test('is told where smaller micro-batches make another update', () => {
		const limit = 30e9;
		const of = (change: Partial<RunSpec>) => {
			const large = { ...spec, batch: { size: 64, accumulation: 1 }, ...change };
			const { nearest } = fitOf(gpu(limit), llama7b, large);
			return nearest.find(({ what }) => what.includes('a batch of'))?.what ?? '';
		};
		const bucketed = { ...spec.data, packing: 'bucketed' } as const;
		const dropping = (dropout: number): Partial<RunSpec> => ({
			tune: { kind: 'lora', rank: 4, alpha: 4, dropout, targets: ['q_proj'] },
		});
		expect(of({})).toMatch(/^a batch of .* in place of 1 x 64$/);
		expect(of({ data: bucketed })).toMatch(/1 x 64, with other rows in each update$/);
		expect(of(dropping(0))).toMatch(/1 x 64$/);
		expect(of(dropping(0.1))).toMatch(/1 x 64, with other dropout$/);
		expect(of({ data: bucketed, ...dropping(0.1) })).toMatch(
			/with other rows in each update and other dropout$/,
		);
	});

	test('whose neighbours cannot be worked out says why', () => {
		const broken = {
			...llama7b,
			get shapes(): never {
				throw new TypeError('shapes are gone');
			},
		};
		expect(() => fitOf(gpu(1), broken, spec)).toThrow('shapes are gone');
	});

	test('that needs several changes at once is told them together', () => {
		const { nearest } = fitOf(gpu(7.2e9), llama7b, spec);
		expect(nearest).toHaveLength(1);
		expect(nearest[0]!.what).toContain(', ');
		expect(nearest[0]!.bytes).toBeLessThanOrEqual(7.2e9);
	});

	test('that nothing makes small enough is refused all the same', () => {
		expect(fitOf(gpu(1e9), llama7b, spec).nearest).toEqual([]);
		expect(() => {
			requireFit(gpu(1e9), llama7b, spec);
		}).toThrow(/needs 2\d\.\d\d GB .* may hold 1\.00 GB; nothing was allocated.*smaller model/);
	});

	test('is refused with its bytes, those of the device, and ways out', () => {
		expect(() => {
			requireFit(gpu(24e9), llama7b, spec);
		}).toThrow(/needs 2\d\.\d\d GB .* 24\.00 GB.*fits with .*int8 \(2\d\.\d\d GB\), or /);
	});
});

describe('weights', () => {
	const load = (device: Parameters<typeof requireRoom>[0], format: 'f32' | 'nf4') => () => {
		requireRoom(device, llama7b.shapes, format);
	};
	test('too large for the device are refused with formats that fit', () => {
		expect(load(gpu(24e9), 'nf4')).not.toThrow();
		expect(load(gpu(24e9), 'f32')).toThrow(/26\.95 GB in f32.*fit in bf16 \(13\.48 GB\), int8/);
		expect(load(wasm(4e9), 'f32')).toThrow(/f32 only.*smaller|f32 only; on WebGPU|smaller model/);
		expect(load(gpu(1e9), 'f32')).toThrow(/smaller model/);
	});
});
