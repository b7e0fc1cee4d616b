/** The default run must satisfy the schema and fit small models and datasets. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { RunSpecSchema } from '../contract/spec.ts';
import { defaultLearningRate, defaultSelection, defaultSpec } from './defaults.ts';

const spec = (layers: number, contextLength: number, rows: number) =>
	defaultSpec({ id: 'm', parameters: 7e9, config: { layers, contextLength } }, { id: 'd', rows });

describe('default run', () => {
	it('satisfies the schema and names model and dataset', () => {
		const parsed = v.parse(RunSpecSchema, spec(32, 4096, 3482));
		expect(parsed).toMatchObject({ model: 'm', data: { dataset: 'd', heldOut: { rows: 60 } } });
		expect(parsed.batch.size * parsed.batch.accumulation).toBe(8);
	});

	it('lays plain text out as it is', () => {
		const model = { id: 'm', parameters: 1e6, config: { layers: 8, contextLength: 160 } };
		const templateFor = (instruction: string | null) =>
			defaultSpec(model, {
				id: 'd',
				rows: 9,
				mapping: { instruction, input: null, output: 'text' },
			}).data.template;
		expect([null, 'prompt'].map(templateFor)).toEqual(['plain', 'unsloth']);
	});

	it('keeps sequences inside a short context and training rows in a small dataset', () => {
		const { data } = spec(5, 256, 25);
		expect(data).toMatchObject({ sequenceLength: 256, rowTokens: 255, heldOut: { rows: 2 } });
	});

	it.each([
		[1, { method: 'full' }],
		[2, { method: 'cogsym', k: 2 }],
		[5, { method: 'cogsym', k: 2 }],
		[32, { method: 'cogsym', k: 8 }],
	])('trains about a quarter of %i layers', (layers, expected) => {
		expect(defaultSelection(layers)).toEqual(expected);
	});

	it('takes smaller steps on larger models', () => {
		expect([1e6, 135e6, 7e9].map(defaultLearningRate)).toEqual([1e-3, 2e-4, 5e-5]);
		expect(spec(32, 4096, 100).optimizer.learningRate).toBe(5e-5);
	});
});
