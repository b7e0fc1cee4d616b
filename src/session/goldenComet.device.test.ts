/** The COMET estimator against numbers from PyTorch, from safetensors and from torch's checkpoint, on every backend. */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { CometReferenceSchema } from '../contract/comet.ts';
import { loadComet } from '../engine/comet/weights.ts';
import { verifyComet } from '../engine/comet/verify.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { openCometFolder } from '../weights/comet.ts';
import { folderSources, golden, readJsonFile } from './testing.ts';

const folder = `${golden}/comet`;

describe.skipIf(!existsSync(folder))('golden COMET', () => {
	onEveryBackend('estimator', (ops) => {
		test.each(['model.safetensors', 'model.ckpt'])('%s agrees with PyTorch', async (file) => {
			const sources = folderSources(folder).filter(
				({ name }) => name === 'config.json' || name === file,
			);
			const opened = await openCometFolder(sources, 'comet');
			expect(opened.weights).toBe(file);
			const before = ops().memory().tensors;
			const read: string[] = [];
			const comet = await loadComet(ops(), opened.config, opened.options, opened.tensors, (name) =>
				read.push(name),
			);
			const reference = v.parse(CometReferenceSchema, readJsonFile(`${folder}/golden.json`));
			const { rows } = await verifyComet(ops(), comet, reference);
			comet.release();
			expect(ops().memory().tensors, 'tensors left over').toBe(before);
			expect(rows.filter(({ passed }) => !passed)).toEqual([]);
			expect(rows.map(({ quantity }) => quantity)).toEqual([
				'layer weights',
				'embeddings',
				'scores',
			]);
			expect(read).not.toContain('encoder.model.embeddings.word_embeddings.weight');
			// The last layer has no weight in the mix.
			expect(read.some((name) => name.includes('layer.3.'))).toBe(false);
		});
	});
});
