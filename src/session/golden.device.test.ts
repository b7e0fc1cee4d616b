/** The whole decoder against numbers from PyTorch: five families, every backend. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ReferenceSchema } from '../contract/verification.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/weights.ts';
import { verify } from '../engine/verify.ts';
import { parseConfig } from '../weights/config.ts';
import { openTensors } from '../weights/safetensors.ts';

const golden = '../shared/golden';
const models = existsSync(golden)
	? readdirSync(golden).filter(
			(name) =>
				existsSync(`${golden}/${name}/golden.json`) &&
				existsSync(`${golden}/${name}/generation_config.json`),
		)
	: [];

/** Files of a folder as byte sources. */
function sources(folder: string) {
	return readdirSync(folder).map((name) => {
		const bytes = readFileSync(`${folder}/${name}`);
		return {
			name,
			size: bytes.length,
			read: (begin: number, end: number) =>
				Promise.resolve(new Uint8Array(bytes.subarray(begin, end))),
		};
	});
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe.skipIf(models.length === 0)('golden models', () => {
	test('five families are there', () => {
		expect(models).toHaveLength(5);
	});

	onEveryBackend('decoder', (ops) => {
		test.each(models)('%s agrees with PyTorch', async (name) => {
			const folder = `${golden}/${name}`;
			const config = parseConfig(json(`${folder}/config.json`), 'config.json');
			const tensors = await openTensors(sources(folder));
			const reference = v.parse(ReferenceSchema, json(`${folder}/golden.json`));
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
