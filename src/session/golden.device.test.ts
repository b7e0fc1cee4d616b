/** The whole decoder against numbers from PyTorch: five families, every backend. */
import { existsSync, readdirSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ReferenceSchema } from '../contract/verification.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/weights.ts';
import { verify } from '../engine/verify.ts';
import { parseConfig } from '../weights/config.ts';
import { openTensors } from '../weights/safetensors.ts';
import { folderSources, golden, readJsonFile } from './testing.ts';

const models = existsSync(golden)
	? readdirSync(golden).filter(
			(name) =>
				existsSync(`${golden}/${name}/golden.json`) &&
				existsSync(`${golden}/${name}/generation_config.json`),
		)
	: [];

describe.skipIf(models.length === 0)('golden models', () => {
	test('five families are there', () => {
		expect(models).toHaveLength(5);
	});

	onEveryBackend('decoder', (ops) => {
		test.each(models)('%s agrees with PyTorch', async (name) => {
			const folder = `${golden}/${name}`;
			const config = parseConfig(readJsonFile(`${folder}/config.json`), 'config.json');
			const tensors = await openTensors(folderSources(folder));
			const reference = v.parse(ReferenceSchema, readJsonFile(`${folder}/golden.json`));
			const before = ops().memory().tensors;
			const decoder = await loadDecoder(ops(), config, (id) => tensors.read(id), false);
			const report = await verify(ops(), decoder, reference);
			releaseDecoder(ops(), decoder);
			expect(ops().memory().tensors, 'tensors left over').toBe(before);
			expect(report.rows.filter(({ passed }) => !passed)).toEqual([]);
			expect(report.rows.length).toBeGreaterThan(10);
		});
	});
});
