import { expect, test } from 'vitest';
import type { MetricRow } from '../contract/evaluation.ts';
import type { RunRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import { initialSpec } from './defaults.ts';
import type { Device } from './device.svelte.ts';
import { Draft } from './draft.svelte.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import { Models } from './models.svelte.ts';
import { Training } from './training.svelte.ts';

const spec = (model: string): RunSpec => ({ ...initialSpec, model });
const specs: Readonly<Record<string, RunSpec>> = { a: spec('small'), b: spec('large') };

/** The state of the page over a thread and a store that answer at once and note what they were asked. */
function page() {
	const calls: string[] = [];
	const saved: [string, readonly MetricRow[]][] = [];
	const trainer = {
		load: (source: { id: string }) => Promise.resolve(calls.push(`load ${source.id}`)),
		train: (_job: unknown, onEvents: (events: readonly unknown[]) => void) => {
			onEvents([{ kind: 'step', step: 0 }]);
			return Promise.resolve({ receipt: null });
		},
		restore: (id: string) => Promise.resolve(calls.push(`restore ${id}`)),
	};
	const device = { generation: 0, trainer: () => Promise.resolve(trainer) };
	const record = (id: string) => ({ id, spec: specs[id], checkpointStep: 3 }) as RunRecord;
	const store = {
		run: (id: string) => Promise.resolve({ record: record(id), metrics: [], results: [] }),
		saveResults: (id: string, rows: readonly MetricRow[]) =>
			Promise.resolve(saved.push([id, rows])),
	};
	const library = {
		contents: { models: [{ id: 'small' }, { id: 'large' }] },
		run: (id: string | null) => (id === null ? null : record(id)),
		store: () => store,
		refresh: () => Promise.resolve(),
	};
	const data = { prepare: () => Promise.resolve({ train: {}, heldOut: null }) };
	const language = {
		show: () => Promise.resolve(),
		rendered: '',
		data: () => data,
	} as unknown as Language;
	const draft = new Draft();
	const asDevice = device as unknown as Device;
	const asLibrary = library as unknown as Library;
	const models = new Models(asDevice, asLibrary, draft);
	const training = new Training(asDevice, asLibrary, models, language, draft);
	const open = async (id: string) => {
		await training.reopen(id);
		await models.load();
	};
	return { calls, saved, draft, models, training, open };
}

const row: MetricRow = {
	task: 'loss',
	subject: 'rows, held out',
	metric: 'loss-per-token',
	weights: 'adapted',
	mean: 2.5,
	sd: null,
	runs: 1,
	count: 40,
	shortened: 0,
};

test('results go to the run that was measured, also if another one is open by then', async () => {
	const { saved, training, open } = page();
	await open('b');
	await training.keep('a', [row]);
	expect(saved).toEqual([['a', [row]]]);
	expect(training.results).toEqual([]);
	await training.keep('b', [row]);
	expect(training.results).toEqual([row]);
});

test('what was measured before a run is stored with the run that follows', async () => {
	const { saved, training } = page();
	await training.keep(null, [row]);
	expect(saved).toEqual([]);
	await training.start();
	expect(training.failure).toBeNull();
	expect(saved).toEqual([[training.open?.id, [row]]]);
	expect(training.results).toEqual([row]);
	await training.start();
	expect(saved).toHaveLength(1);
});

test('trained weights are restored again once another model was on the device', async () => {
	const { calls, models, training, open } = page();
	await open('a');
	await training.ensureTrained();
	await training.ensureTrained();
	expect(calls).toEqual(['load small', 'restore a']);
	await open('b');
	await open('a');
	await training.ensureTrained();
	expect(calls.slice(2)).toEqual(['load large', 'load small', 'restore a']);
	await models.setUntie(!specs.a?.untie);
	await open('a');
	await training.ensureTrained();
	expect(calls.at(-1)).toBe('restore a');
	expect(calls).toHaveLength(8);
});
