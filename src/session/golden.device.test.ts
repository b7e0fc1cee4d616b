/** The whole decoder against numbers from PyTorch: ten families, every backend. */
import { existsSync, readdirSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ReferenceSchema } from '../contract/verification.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/load.ts';
import { verify } from '../engine/verify.ts';
import { parseConfig } from '../weights/config.ts';
import { openTensors } from '../weights/safetensors.ts';
import { folderSources, golden, golden2, readJsonFile } from './testing.ts';

const models = [golden, golden2].flatMap((root) =>
	existsSync(root)
		? readdirSync(root)
				.map((name) => `${root}/${name}`)
				.filter(
					(folder) =>
						existsSync(`${folder}/golden.json`) && existsSync(`${folder}/generation_config.json`),
				)
		: [],
);

describe.skipIf(models.length === 0)('golden models', () => {
	test('ten families are there', () => {
		expect(models).toHaveLength(10);
	});

	test.each(models.filter((folder) => existsSync(`${folder}/config.v4.json`)))(
		'%s is the same model in the spelling of transformers 4',
		(folder) => {
			const parse = (file: string) => parseConfig(readJsonFile(`${folder}/${file}`), 'config.json');
			expect(parse('config.v4.json')).toEqual(parse('config.json'));
		},
	);

	onEveryBackend('decoder', (ops) => {
		test.each(models)('%s agrees with PyTorch', async (folder) => {
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
