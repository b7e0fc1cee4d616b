import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi } from '../contract/dataApi.ts';
import type { Progress } from '../contract/progress.ts';
import type { LabDatabase } from '../storage/database.ts';
import { addDataset } from '../storage/datasets.ts';
import { freshDatabase } from '../storage/testing.ts';
import { createData } from './data.ts';
import { createStore } from './store.ts';

const stories = '../shared/data/models/stories260K';
const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const mapping = { instruction: 'instruction', input: 'input', output: 'output' };
const rows = Array.from({ length: 6 }, (_, i) => ({
	instruction: `Tell story ${i}.`,
	input: i % 2 === 0 ? '' : 'About a dog.',
	output: 'Once upon a time there was a dog. '.repeat(i + 1),
}));
const silent = () => undefined;

function specOf(dataset: string, change: Partial<DataSpec> = {}): DataSpec {
	return {
		dataset,
		rows: null,
		template: 'unsloth',
		loss: 'all',
		packing: 'stream',
		rowTokens: 150,
		sequenceLength: 64,
		order: 'shuffled',
		heldOut: { rows: 1, sequences: 2 },
		...change,
	};
}

let db: LabDatabase;
let data: DataApi;
let dataset: string;
beforeEach(async () => {
	db = await freshDatabase();
	data = createData(() => Promise.resolve(db));
	dataset = (await addDataset(db, { name: 'tales', mapping }, rows)).id;
});

test('items of a test are looked for in the rows that were trained on, not in those held out', async () => {
	const texts = ['tell STORY 0', 'Tell story 5', 'Tell story'];
	const set = { language: 'a', train: [], test: texts.map((text) => ({ text, label: 'x' })) };
	const task = { kind: 'sentiment', set, runs: 1, seed: 1 } as const;
	const found = (change: Partial<DataSpec> = {}) =>
		data.trainedItems(specOf(dataset, change), [task]);
	expect(await found()).toEqual([{ items: 3, trained: 2 }]);
	expect(await found({ rows: [1, 3] })).toEqual([{ items: 3, trained: 1 }]);
	await expect(data.trainedItems(specOf('gone'), [task])).rejects.toMatchObject({
		name: 'NotFound',
	});
});

describe('files', () => {
	const csv = 'Prompt,Response,note\n"a, b",c,1\nd,e,2\n';

	test('are previewed with columns and a guess', async () => {
		const preview = await data.preview(new File([csv], 'x.csv'));
		expect(preview).toEqual({
			rows: 2,
			columns: ['Prompt', 'Response', 'note'],
			mapping: { instruction: 'Prompt', input: null, output: 'Response' },
			made: { chats: false, leftOut: { of: 2, reasons: [] }, first: null },
			problem: null,
			sample: [
				{ Prompt: 'a, b', Response: 'c', note: '1' },
				{ Prompt: 'd', Response: 'e', note: '2' },
			],
		});
	});

	test('are previewed with why they cannot be imported', async () => {
		const preferences = new File(['[{"prompt":"a","chosen":"b","rejected":"c"}]'], 'x.json');
		const preview = await data.preview(preferences);
		expect(preview).toMatchObject({ mapping: null, made: null });
		expect(preview.problem).toMatch(/^x\.json: the rows are preferences .*choose "chosen"/);
		const chosen = { instruction: 'prompt', input: null, output: 'chosen' };
		expect(await data.preview(preferences, chosen)).toMatchObject({
			mapping: chosen,
			made: { chats: false },
			problem: null,
		});
		const lists = new File(['[{"instruction":"a","output":["b"]}]'], 'x.json');
		expect((await data.preview(lists)).problem).toMatch(/row 1, column "output": a list of 1/);
	});

	test('give texts and numbers; other columns only an error, where they are asked for', async () => {
		const file = new File(['[{"a":"x","n":2.50,"l":["y"]},{"a":null,"n":1,"l":[]}]'], 'x.json');
		expect(await data.table(file)).toEqual([{ a: 'x', n: '2.50' }, { n: '1' }]);
		await expect(data.table(file, ['l'])).rejects.toThrow(/row 1, column "l": a list of 1/);
	});

	test('become tables, or an error that names them', async () => {
		expect(await data.table(new File([csv], 'x.csv'))).toHaveLength(2);
		await expect(data.table(new File([''], 'empty.json'))).rejects.toThrow(/^empty\.json: /);
	});
});

describe('tasks', () => {
	const few = 'english,javanese\none,siji\ntwo,loro\nred,abang\nfire,geni\n';
	const english = ['advance', 'attempt', 'bag', 'ball', 'beauty', 'book'];
	const words = `word_original,word_translation\n${english.map((word) => `${word},${word}\n`).join('')}`;
	const draws = { rows: null, runs: 1, seed: 1 };
	const bad = (message: RegExp) => ({
		name: 'BadInput',
		message: expect.stringMatching(message) as string,
	});

	test('with fewer items than they show are refused before anything is trained', async () => {
		const files = [{ path: 'wendler/langs/en/clean.csv', file: new File([words], 'clean.csv') }];
		const choice = { ...draws, languages: ['javanese'] as const };
		const asked = data.fileTasks(files, { ...choice, tasks: ['words'], rows: [0, 4] });
		await expect(asked).rejects.toMatchObject(bad(/: 4 pairs of words are too few; 4 are shown/));
		const columns = ['english', 'javanese'].map((column) => ({ column, name: column }));
		const task = { kind: 'translation', languages: [columns[0]!, columns[1]!] } as const;
		const [none, some] = [few.slice(0, 26), few].map((text) => new File([text], 'x.csv'));
		const translated = data.ownTask(none!, some!, { ...draws, task });
		await expect(translated).rejects.toMatchObject(bad(/4 sentences to translate and 1 to show/));
		const { tasks } = await data.ownTask(some!, none!, { ...draws, task });
		expect(tasks).toHaveLength(2);
	});
});

describe('render', () => {
	test('lays out a stored row', async () => {
		const spec = specOf(dataset, { template: 'stanford', loss: 'response' });
		const { text, graded } = await data.render('', spec, 1);
		expect(text).toContain('### Instruction:\nTell story 1.\n\n### Input:\nAbout a dog.');
		expect(text.endsWith(`### Response:${rows[1]!.output}`)).toBe(true);
		expect(graded.map((span) => text.slice(...span))).toEqual([rows[1]!.output]);
		const all = await data.render('', { ...spec, loss: 'all' }, 1);
		expect(all.graded).toEqual([[0, text.length]]);
	});

	test('names a dataset or row that is not there', async () => {
		await expect(data.render('', specOf(dataset), 6)).rejects.toThrow(
			/"tales" has 6 rows, there is no row 7/,
		);
		await expect(data.render('', specOf('none'), 0)).rejects.toMatchObject({
			name: 'NotFound',
		});
	});
});

describe.skipIf(!existsSync(stories))('prepare', () => {
	const files = (change: Record<string, string> = {}) =>
		names.map((name) => new File([change[name] ?? readFileSync(`${stories}/${name}`)], name));
	const importModel = async (change?: Record<string, string>) =>
		(await createStore(() => Promise.resolve(db)).importModel('stories', files(change), silent)).id;

	test('tokenises a stored dataset with the tokenizer of a stored model', async () => {
		const model = await importModel();
		const heard: Progress[] = [];
		const prepared = await data.prepare(model, specOf(dataset), (progress) => {
			heard.push(progress);
		});
		expect(prepared).toMatchObject({ rows: 5, heldOut: { count: 2, sequenceLength: 64 } });
		expect(prepared.cutRows).toBeGreaterThan(0);
		expect(prepared.train.inputIds[0]).toBe(1);
		expect([...prepared.train.inputIds].filter((id) => id === 2).length).toBeGreaterThan(3);
		expect(heard.at(-1)).toEqual({ done: 6, total: 6, label: 'Tokenising tales' });
		const other = await data.prepare(model, specOf(dataset), silent);
		expect(other.train).toEqual(prepared.train);
	});

	test('takes the end token of config.json where the tokenizer names none', async () => {
		const model = await importModel({ 'tokenizer_config.json': '{}' });
		const { train } = await data.prepare(model, specOf(dataset), silent);
		expect([...train.inputIds]).toContain(2);
	});

	test('says where there is no end token at all', async () => {
		const config = readFileSync(`${stories}/config.json`, 'utf8');
		const without = config.replace('"eos_token_id": 2', '"eos_token_id": null');
		const model = await importModel({ 'tokenizer_config.json': '{}', 'config.json': without });
		await expect(data.prepare(model, specOf(dataset), silent)).rejects.toThrow(/eos_token/);
	});

	test('lays chats out by the template of the model, in previews, rows and sequences', async () => {
		const config = readFileSync(`${stories}/tokenizer_config.json`, 'utf8');
		const template =
			"{{ bos_token }}{% for m in messages %}{{ m.role + ': ' + m.content + eos_token }}{% endfor %}" +
			"{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
		const withTemplate = JSON.stringify({ ...JSON.parse(config), chat_template: template });
		const model = await importModel({ 'tokenizer_config.json': withTemplate });
		const turns = (answer: string) =>
			JSON.stringify({
				messages: [
					{ role: 'user', content: 'Who?' },
					{ role: 'assistant', content: answer },
				],
			});
		const lines = [turns('A dog.'), '{"messages":null}', turns('A cat.')].join('\n');
		const file = new File([lines], 'chats.jsonl');
		const text = '<s>user: Who?</s>assistant: A dog.</s>';
		const preview = await data.preview(file, undefined, model);
		const leftOut = { of: 3, reasons: [{ why: 'without messages', rows: 1, first: [2] }] };
		expect(preview.made).toEqual({ chats: true, leftOut, first: text });
		const store = createStore(() => Promise.resolve(db));
		const record = await store.importDataset('chats', file, preview.mapping!);
		expect(record).toMatchObject({ rows: 2, chats: true, leftOut });
		const spec = specOf(record.id, {
			...{ template: 'chat', loss: 'response', packing: 'rows' },
			heldOut: { rows: 0, sequences: null },
		});
		const row = await data.render(model, spec, 0);
		expect(row.text).toBe(text);
		expect(row.graded.map((span) => text.slice(...span))).toEqual(['A dog.</s>']);
		const { train } = await data.prepare(model, spec, silent);
		// One begin token, though the tokenizer puts one in front of plain texts, too.
		expect([...train.inputIds.slice(0, 64)].filter((id) => id === 1)).toHaveLength(1);
		expect(
			train.targets
				.slice(0, 64)
				.filter((id) => id >= 0)
				.at(-1),
		).toBe(2);
		const without = await importModel();
		await expect(data.render(without, spec, 0)).rejects.toThrow(/the model has no chat template/);
		await expect(data.render('', spec, 0)).rejects.toThrow(/choose a model first/);
		await expect(data.prepare(without, spec, silent)).rejects.toThrow(/add chat_template\.jinja/);
	});

	test('refuses sequences over the context of the model', async () => {
		const model = await importModel();
		const long = specOf(dataset, { sequenceLength: 1024 });
		await expect(data.prepare(model, long, silent)).rejects.toThrow(/context of 512/);
	});
});
