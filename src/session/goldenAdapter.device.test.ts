/** An adapter that PEFT saved: numbers as PyTorch's on every backend, and the same bytes when it is written again. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { AdapterReferenceSchema } from '../contract/verification.ts';
import { attachAdapters } from '../engine/adapters/attach.ts';
import { adaptedLayers } from '../engine/adapters/lora.ts';
import { onEveryBackend } from '../engine/kernels/backends.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/load.ts';
import { type Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { verifyAdapter } from '../engine/verifyAdapter.ts';
import { adapterTensorsFile, fitAdapter, readAdapter } from '../weights/adapter.ts';
import { encodeAdapter } from '../weights/adapterExport.ts';
import { parseConfig } from '../weights/config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { openTensors } from '../weights/safetensors.ts';
import { folderSources, golden, golden2, readJsonFile } from './testing.ts';

const folder = `${golden}/lora/adapter`;
const base = `${golden}/llama2`;

describe.skipIf(!existsSync(folder))('the golden adapter', () => {
	const open = () => {
		const config = parseConfig(readJsonFile(`${base}/config.json`), 'config.json');
		const adapter = readAdapter(folderSources(folder)).then((files) =>
			fitAdapter(files, parameterShapes(config)),
		);
		return { config, adapter };
	};

	test('is what its configuration says', async () => {
		const { lora, layers, tensors } = await open().adapter;
		expect(lora).toEqual({
			kind: 'lora',
			rank: 4,
			alpha: 10,
			scaling: 'standard',
			dropout: 0,
			targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
		});
		expect(layers).toEqual([0, 3]);
		expect(tensors).toHaveLength(2 * 2 * 7 + 2);
	});

	test('is the same file, byte for byte, when it is written again', async () => {
		const { lora, layers, tensors: shapes, read } = await open().adapter;
		const tensors = await Promise.all(
			shapes.map(async (tensor) => ({ ...tensor, data: await read(tensor.name) })),
		);
		const files = encodeAdapter({ base: 'llama2', lora, layers, tensors });
		const written = files.find(({ name }) => name === adapterTensorsFile);
		const bytes = new Uint8Array(await new Blob([...written!.parts]).arrayBuffer());
		expect(bytes).toEqual(new Uint8Array(readFileSync(`${folder}/${adapterTensorsFile}`)));
		const again = JSON.parse(new TextDecoder().decode(files[0]!.parts[0])) as object;
		const original = readJsonFile(`${folder}/adapter_config.json`) as Record<string, unknown>;
		for (const [key, value] of Object.entries(again)) {
			const expected = original[key];
			// PEFT writes sets in any order.
			const sorted = (given: unknown) =>
				Array.isArray(given) ? [...(given as string[])].sort() : given;
			expect(sorted(value), key).toEqual(sorted(expected));
		}
	});
});

/** Adapters with their base models. Of further families the lab's own (fixtures/adapters/make.py). */
const adapters = [
	{ of: 'llama2', folder: `${golden}/lora/adapter`, numbers: `${golden}/lora/golden.json`, base },
	...['gemma3', 'smollm3', 'olmo2', 'apertus', 'granite'].map((of) => {
		const own = fileURLToPath(new URL(`fixtures/adapters/${of}`, import.meta.url));
		return { of, folder: own, numbers: `${own}/golden.json`, base: `${golden2}/${of}` };
	}),
].filter((one) => existsSync(one.base));

type Given = (typeof adapters)[number];

describe.skipIf(adapters.length === 0)('adapters and their base models', () => {
	onEveryBackend('an adapter', (ops) => {
		/** The base with the adapter's tensors on it. */
		async function load(
			device: Ops,
			given: Given,
		): Promise<{ decoder: Decoder; release: () => void }> {
			const config = parseConfig(readJsonFile(`${given.base}/config.json`), 'config.json');
			const shapes = parameterShapes(config);
			const tensors = await openTensors(folderSources(given.base));
			const plain = await loadDecoder(device, config, (id) => tensors.read(id), false);
			const files = await readAdapter(folderSources(given.folder));
			const { lora, layers, tensors: own, read } = await fitAdapter(files, shapes);
			const values = new Map<string, Float32Array>();
			for (const { name } of own) values.set(name, await read(name));
			const chosen = adaptedLayers(lora, layers, shapes);
			const adapted = attachAdapters(device, plain, lora, chosen, ({ name }) => values.get(name)!);
			for (const [name, { tensor }] of plain.parameters) {
				const replaced = values.get(name);
				if (replaced !== undefined) device.write(tensor, replaced);
			}
			return {
				decoder: adapted.decoder,
				release: () => {
					adapted.release();
					releaseDecoder(device, plain);
				},
			};
		}

		test.each(adapters)('of $of agrees with PyTorch', async (given) => {
			const before = ops().memory().tensors;
			const { decoder, release } = await load(ops(), given);
			const { input_ids, labels } = readJsonFile(`${given.base}/golden.json`) as object & {
				input_ids: unknown;
				labels: unknown;
			};
			const numbers = readJsonFile(given.numbers) as object;
			const reference = v.parse(AdapterReferenceSchema, { input_ids, labels, ...numbers });
			const report = await verifyAdapter(ops(), decoder, reference);
			release();
			expect(ops().memory().tensors, 'tensors left over').toBe(before);
			expect(report.rows.filter(({ passed }) => !passed)).toEqual([]);
			expect(report.rows.map(({ quantity }) => quantity)).toEqual([
				'logits',
				'logits, adapters merged',
				'loss',
				'gradient norms',
				'AdamW trajectory',
			]);
		});
	});
});
