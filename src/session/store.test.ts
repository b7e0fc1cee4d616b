import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import type { Lora } from '../contract/spec.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { saveCheckpoint } from '../storage/checkpoints.ts';
import type { LabDatabase } from '../storage/database.ts';
import { openStoredModel } from '../storage/models.ts';
import { startRun } from '../storage/runs.ts';
import {
	environment,
	freshDatabase,
	metricRow,
	runSpec,
	someTensors,
	tensorValues,
} from '../storage/testing.ts';
import { openModelFolder } from '../weights/folder.ts';
import { openTensors } from '../weights/safetensors.ts';
import { tensor, tensorsOf, tinyFolder, tinyLlama } from '../weights/testing.ts';
import { createStore } from './store.ts';

const folder = '../shared/data/models/stories260K';
const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const silent = () => undefined;
const mapping = { instruction: 'instruction', input: 'input', output: 'output' };

let db: LabDatabase;
let store: StoreApi;
beforeEach(async () => {
	db = await freshDatabase();
	store = createStore(() => Promise.resolve(db));
});

/** A file as a folder picker gives it. */
function fileAt(path: string, content: Uint8Array<ArrayBuffer> | string): File {
	const file = new File([content], basename(path));
	return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

const filesOf = (sources: readonly ByteSource[]): Promise<File[]> =>
	Promise.all(
		sources.map(async (source) =>
			fileAt(source.name, new Uint8Array(await source.read(0, source.size))),
		),
	);

function modelFiles(change: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {}): File[] {
	return names.map((name) =>
		fileAt(`stories/${name}`, change[name] ?? new Uint8Array(readFileSync(`${folder}/${name}`))),
	);
}

describe.skipIf(!existsSync(folder))('importing a model', () => {
	test('keeps what loading it needs, and gives it back', async () => {
		const surplus = [
			fileAt('stories/README.md', '# no'),
			fileAt('stories/onnx/model.safetensors', 'not ours'),
			fileAt('stories/generation_config.json', '{"eos_token_id": [2, 5]}'),
			fileAt('stories/chat_template.jinja', 'laid out'),
		];
		const heard: string[] = [];
		const record = await store.importModel('stories', [...modelFiles(), ...surplus], (progress) =>
			heard.push(progress.label),
		);
		expect(record).toMatchObject({ name: 'stories', parameters: 260_032 });
		expect(heard[0]).toBe('Checking model.embed_tokens.weight');
		expect(heard.at(-1)).toBe('Storing tokenizer_config.json');

		const sources = await openStoredModel(db, record.id);
		const beside = ['chat_template.jinja', 'generation_config.json'];
		expect(sources.map(({ name }) => name)).toEqual([...beside, ...names].sort());
		const stored = await openModelFolder(sources, 'stories');
		expect(stored.config).toEqual(record.config);
		expect(stored.config.eosTokenIds).toEqual([2, 5]);
		expect(stored.chatTemplate).toBe('laid out');
		const original = await openModelFolder(
			modelFiles().map((file) => ({
				name: file.webkitRelativePath,
				size: file.size,
				read: async (begin, end) => new Uint8Array(await file.slice(begin, end).arrayBuffer()),
			})),
			'stories',
		);
		for (const name of original.tensors.names) {
			const [kept, given] = [await stored.tensors.read(name), await original.tensors.read(name)];
			expect(Buffer.compare(Buffer.from(kept.buffer), Buffer.from(given.buffer)), name).toBe(0);
		}
		await store.importModel('again', [...modelFiles(), ...surplus], silent);
		expect((await store.library()).models).toEqual([record]);
	});

	test.each([
		['a file cut short', (bytes: Uint8Array) => bytes.slice(0, -1000)],
		['a value that is not a number', (bytes: Uint8Array) => bytes.fill(0xff, -8, -4)],
	])('refuses %s before anything is stored', async (_, damage) => {
		const bytes = damage(new Uint8Array(readFileSync(`${folder}/model.safetensors`)));
		const files = modelFiles({ 'model.safetensors': new Uint8Array(bytes) });
		const refusal = store.importModel('stories', files, silent);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		await expect(refusal).rejects.toThrow(/model\.safetensors: .*tensor/);
		expect(await db.count('chunks')).toBe(0);
		expect((await store.library()).models).toEqual([]);
	});

	test('refuses the tokenizer of another model before anything is stored', async () => {
		const other = readFileSync('../shared/data/tokenizers/llama2/tokenizer.json');
		const files = modelFiles({ 'tokenizer.json': new Uint8Array(other) });
		const refusal = store.importModel('stories', files, silent);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		await expect(refusal).rejects.toThrow(/tokenizer/);
		expect(await db.count('chunks')).toBe(0);
	});
});

test('the export of an adapter follows the head in the files, not a record that is older than that', async () => {
	const json = { ...tinyLlama, tie_word_embeddings: true };
	const sources = tinyFolder(json, [...tensorsOf(json), tensor('lm_head.weight', [8, 4])]);
	const files = await filesOf(sources);
	const { id: model, config } = await store.importModel('tiny', files, silent);
	expect(config.tiedEmbeddings).toBe(false);
	const stored = (await db.get('models', model))!;
	const record = { ...stored.record, config: { ...config, tiedEmbeddings: true } };
	await db.put('models', { ...stored, record });

	const tune: Lora = { kind: 'lora', rank: 2, alpha: 2, dropout: 0, targets: ['q_proj'] };
	const { id } = (await startRun(db, runSpec({ model, tune }), environment)).record;
	async function* tensors() {
		const name = 'model.embed_tokens.weight';
		yield await Promise.resolve({
			...{ name, kind: 'weight' as const, shape: [8, 4] },
			data: new Float32Array(32),
		});
	}
	await saveCheckpoint(db, { runId: id, step: 1 }, tensors());
	const exported = await (await store.exportRun(id)).text();
	expect(exported).toContain('model.embed_tokens.weight');
	expect(exported).not.toContain('lm_head');
});

test('a record that says only the type of its family is listed with its name', async () => {
	const sources = tinyFolder(tinyLlama, tensorsOf(tinyLlama));
	const files = await filesOf(sources);
	const { id } = await store.importModel('tiny', files, silent);
	const stored = (await db.get('models', id))!;
	const config = { ...stored.record.config };
	Reflect.deleteProperty(config, 'familyLabel');
	await db.put('models', { ...stored, record: { ...stored.record, config } });
	const labels = async () =>
		(await store.library()).models.map((model) => model.config.familyLabel);
	expect(await labels()).toEqual(['Llama']);
	const unknown = { ...config, family: 'of tomorrow' };
	await db.put('models', { ...stored, record: { ...stored.record, config: unknown } });
	expect(await labels()).toEqual(['of tomorrow']);
});

test('a dataset is parsed, kept and listed; a bad one is refused with its row', async () => {
	const rows = [{ instruction: 'a', input: 'b', output: 'c', extra: 1 }];
	const file = new File([JSON.stringify(rows)], 'pairs.json');
	const record = await store.importDataset('pairs', file, mapping);
	expect(record).toMatchObject({ name: 'pairs', rows: 1, mapping });

	// The id of the rows as they have always been written.
	expect(record.id).toBe('6555d7fa1b841c3934f0aa9f965308ed');
	const holes = new File([JSON.stringify([{ output: null }, ...rows])], 'holes.json');
	const leftOut = { of: 2, reasons: [{ why: 'without an output', rows: 1, first: [1] }] };
	expect(await store.importDataset('holes', holes, mapping)).toEqual({ ...record, leftOut });

	const list = { instruction: 'x', input: '', output: ['y'] };
	const bad = new File([JSON.stringify([...rows, list])], 'bad.json');
	const refusal = store.importDataset('bad', bad, mapping);
	await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
	await expect(refusal).rejects.toThrow(/bad\.json: row 2, column "output"/);
	expect((await store.library()).datasets).toEqual([record]);
	await store.deleteDataset(record.id);
	expect((await store.library()).datasets).toEqual([]);
});

test('a run is listed, exported as safetensors and deleted with its bytes', async () => {
	const { id } = (await startRun(db, runSpec(), environment)).record;
	await expect(store.exportRun(id)).rejects.toThrow(`Run ${id} has no checkpoint to export yet`);
	async function* tensors() {
		yield* someTensors(3);
		const data = new Float32Array(4);
		yield { name: 'layer.0', kind: 'm' as const, shape: [1, 4], data };
	}
	await saveCheckpoint(db, { runId: id, step: 10 }, tensors());
	await store.saveResults(id, [metricRow]);
	expect(await store.run(id)).toMatchObject({
		record: { checkpointStep: 10, status: 'paused' },
		results: [metricRow],
	});

	const exported = await store.exportRun(id);
	const bytes = new Uint8Array(await exported.arrayBuffer());
	const index = await openTensors([
		{
			name: 'model.safetensors',
			size: bytes.length,
			read: (begin, end) => Promise.resolve(bytes.slice(begin, end)),
		},
	]);
	expect(index.names).toEqual(['layer.0', 'layer.1', 'layer.2']);
	expect(index.shape('layer.1')).toEqual([2, 4]);
	expect(new TextDecoder().decode(bytes.subarray(8, 200))).toContain(
		`{"format":"pt","base_model":"model-1","base_model_id":"model-1","run":"${id}","updates":"10"}`,
	);
	const last = tensorValues(3, 2);
	expect(bytes.slice(-last.byteLength)).toEqual(new Uint8Array(last.buffer));

	await store.deleteRun(id);
	expect((await store.library()).runs).toEqual([]);
	expect(await db.count('chunks')).toBe(0);
});

test('bytes that a killed page left unfinished are collected when the store opens', async () => {
	await db.put('chunks', new ArrayBuffer(8), 'torn');
	await store.library();
	await vi.waitFor(async () => {
		expect(await db.count('chunks')).toBe(0);
	});
});

test('a database that did not open is tried again', async () => {
	let attempts = 0;
	const flaky = createStore(() => {
		attempts += 1;
		return attempts === 1 ? Promise.reject(new Error('no storage')) : Promise.resolve(db);
	});
	await expect(flaky.library()).rejects.toThrow('no storage');
	expect((await flaky.library()).models).toEqual([]);
});
