import { expect, test } from 'vitest';
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import { forDataset, forModel, initialSpec, parseSpec } from './defaults.ts';

const model = {
	id: 'm1',
	name: 'stories',
	parameters: 292_800,
	config: { layers: 16, contextLength: 256 },
} as ModelRecord;

test('another model brings its layers, context and learning rate, and keeps the rest', () => {
	const spec = { ...initialSpec, steps: 321, seed: 5 };
	const changed = forModel(spec, model);
	expect(changed).toMatchObject({
		model: 'm1',
		steps: 321,
		seed: 5,
		selection: { method: 'cogsym', k: 4 },
		data: { sequenceLength: 256, rowTokens: 255, dataset: '' },
		optimizer: { learningRate: 1e-3, beta2: spec.optimizer.beta2 },
	});
});

test('another dataset brings its held-out rows', () => {
	const dataset = { id: 'd1', rows: 40 } as DatasetRecord;
	const before = {
		...initialSpec,
		data: { ...initialSpec.data, rows: [3, 9] as [number, number] },
	};
	expect(forDataset(before, dataset).data).toMatchObject({
		dataset: 'd1',
		rows: null,
		heldOut: { rows: 4 },
	});
});

test('plain text brings its template along and takes it away again', () => {
	const text = { instruction: null, input: null, output: 'text' };
	const plain = { id: 'd2', rows: 40, mapping: text } as DatasetRecord;
	const pairs = { id: 'd3', rows: 40, mapping: { ...text, instruction: 'ask' } } as DatasetRecord;
	const stanford = {
		...initialSpec,
		data: { ...initialSpec.data, template: 'stanford' as const },
	};
	expect(forDataset(stanford, plain).data.template).toBe('plain');
	expect(forDataset(forDataset(stanford, plain), pairs).data.template).toBe('unsloth');
	expect(forDataset(stanford, pairs).data.template).toBe('stanford');
});

test('a kept spec comes back; anything else is no spec', () => {
	expect(parseSpec(JSON.stringify(initialSpec))).toEqual(initialSpec);
	expect(parseSpec(null)).toBeNull();
	expect(parseSpec('{"model":')).toBeNull();
	expect(parseSpec(JSON.stringify({ ...initialSpec, surplus: 1 }))).toBeNull();
});
