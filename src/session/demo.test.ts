import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DemoChoice, StoreApi } from '../contract/storeApi.ts';
import { adaptationTasks } from '../demo/adaptationTasks.ts';
import type { LabDatabase } from '../storage/database.ts';
import { readDataset } from '../storage/datasets.ts';
import { freshDatabase } from '../storage/testing.ts';
import { createStore } from './store.ts';

// Tens of thousands of texts are written here: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

let db: LabDatabase;
let store: StoreApi;
beforeEach(async () => {
	db = await freshDatabase();
	store = createStore(() => Promise.resolve(db));
});
afterEach(() => {
	vi.unstubAllGlobals();
});

describe('a new language', () => {
	const choice: DemoChoice = { language: 'sundanese', seed: 4, draw: 'report' };

	test('is stored once as plain text, with its tasks', async () => {
		const first = await store.importDemoLanguage(choice);
		const { dataset, ...tasks } = first;
		expect(dataset).toMatchObject({ name: 'Sundanese, demo texts 4' });
		expect(dataset.mapping.instruction).toBeNull();
		expect(tasks).toEqual(adaptationTasks(choice));
		const { rows } = await readDataset(db, dataset.id);
		expect(rows).toHaveLength(dataset.rows);
		expect(rows.filter(({ output }) => !output.endsWith('\n'))).toEqual([]);
		expect(await store.importDemoLanguage(choice)).toEqual(first);
		expect((await store.library()).datasets).toHaveLength(1);
	});

	test('has other texts by seed and by draw', async () => {
		const choices = [choice, { ...choice, seed: 5 }, { ...choice, draw: 'choose' as const }];
		for (const one of choices) await store.importDemoLanguage(one);
		expect((await store.library()).datasets).toHaveLength(3);
	});
});

const folder = '../shared/data/models/stories260K';
describe.skipIf(!existsSync(folder))('the bundled model', () => {
	const serve = (missing: string | null) => {
		const asked: string[] = [];
		vi.stubGlobal('location', { origin: 'http://lab.test' });
		vi.stubGlobal('fetch', (url: URL) => {
			asked.push(url.href);
			const name = url.pathname.replace('/demo/', '');
			const found = name !== missing;
			return Promise.resolve(
				new Response(found ? readFileSync(`${folder}/${name}`) : null, {
					status: found ? 200 : 404,
				}),
			);
		});
		return asked;
	};

	test('comes from beside the page and is stored once', async () => {
		const asked = serve(null);
		const heard: string[] = [];
		const record = await store.importDemoModel(({ label }) => heard.push(label));
		expect(asked).toContain('http://lab.test/demo/model.safetensors');
		expect(heard[0]).toBe('Fetching config.json');
		expect(record.parameters).toBe(260_032);
		expect(await store.importDemoModel(() => undefined)).toEqual(record);
		expect((await store.library()).models).toEqual([record]);
	});

	test('that is not there is named', async () => {
		serve('model.safetensors');
		await expect(store.importDemoModel(() => undefined)).rejects.toThrow(
			'http://lab.test/demo/model.safetensors answered 404',
		);
		expect((await store.library()).models).toEqual([]);
	});
});
