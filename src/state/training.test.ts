import { expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { MetricRow, NamedPrediction } from '../contract/evaluation.ts';
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

const checkpoint = { kind: 'checkpoint', step: 2, bytes: 1 };

/** The state of the page over a thread and a store that answer at once and note what they were asked. */
function page(ends?: Error) {
	const calls: string[] = [];
	const saved: [string, readonly MetricRow[] | readonly NamedPrediction[]][] = [];
	let stored = ['a', 'b'];
	const trainer = {
		load: (source: { id: string }) => Promise.resolve(calls.push(`load ${source.id}`)),
		train: ({ runId }: { runId: string }, onEvents: (events: readonly unknown[]) => void) => {
			stored = [...stored, runId];
			onEvents([{ kind: 'step', step: 0 }]);
			if (ends) onEvents([...[1, 2].map((step) => ({ kind: 'step', step })), checkpoint]);
			return ends ? Promise.reject(ends) : Promise.resolve({ receipt: null });
		},
		restore: (id: string) => Promise.resolve(calls.push(`restore ${id}`)),
	};
	const device = { generation: 0, trainer: () => Promise.resolve(trainer) };
	const record = (id: string) => ({ id, spec: specs[id], checkpointStep: 3 }) as RunRecord;
	const store = {
		run: (id: string) => Promise.resolve({ record: record(id), metrics: [], results: [] }),
		saveResults: (id: string, rows: readonly MetricRow[]) =>
			Promise.resolve(saved.push([id, rows])),
		saveAnswers: (id: string, predictions: readonly NamedPrediction[]) =>
			Promise.resolve(saved.push([id, predictions])),
		answers: () => Promise.resolve([]),
	};
	const library = {
		contents: { models: ['small', 'large'].map((id) => ({ id, config: { contextLength: 16 } })) },
		run: (id: string | null) => (id !== null && stored.includes(id) ? record(id) : null),
		store: () => store,
		refresh: () => Promise.resolve(),
	};
	const leftOut = { of: 5, reasons: [{ why: 'with nothing to predict', rows: 1, first: [2] }] };
	const prepared = { train: {}, heldOut: null, rows: 5, cutRows: 0, leftOut };
	const data = { prepare: () => Promise.resolve(prepared) };
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

const answer: NamedPrediction = {
	...{ task: 'words', subject: 'Javanese to English', weights: 'base', run: 0 },
	...{ prompt: 'Basa Jawa: "', expected: 'fire', given: 'fire', right: true },
};

test('results go to the run that was measured, also if another one is open by then', async () => {
	const { saved, training, open } = page();
	await open('b');
	await training.measured.keep('a', [row], [answer]);
	expect(saved).toEqual([
		['a', [row]],
		['a', [answer]],
	]);
	expect(training.measured.rows).toEqual([]);
	expect(training.measured.answers.count).toBe(0);
	await training.measured.keep('b', [row], [answer]);
	expect(training.measured.rows).toEqual([row]);
	expect(training.measured.answers.shown).toEqual([answer]);
});

test('what was measured and answered before a run is stored with the run that follows', async () => {
	const { saved, training } = page();
	const other = { ...answer, subject: 'English to Javanese' };
	await training.measured.keep(null, [row], []);
	await training.measured.keep(null, [], [answer]);
	await training.measured.keep(null, [], [other]);
	expect(saved).toEqual([]);
	await training.start();
	expect(training.failure).toBeNull();
	expect(training.left).toEqual(['1 of 5 rows is left out: 1 with nothing to predict (row 2)']);
	const id = training.open?.id;
	// Each task by itself: they are stored under its name.
	await expect
		.poll(() => saved)
		.toEqual([
			[id, [row]],
			[id, [answer]],
			[id, [other]],
		]);
	expect(training.measured.rows).toEqual([row]);
	expect(training.measured.answers.shown).toEqual([answer, other]);
	await training.start();
	expect(saved).toHaveLength(3);
});

test('what belongs to a run is not carried into another one', async () => {
	const { saved, training, open } = page();
	await open('a');
	await training.measured.keep('a', [row], [answer]);
	await training.start();
	expect(saved.map(([id]) => id)).toEqual(['a', 'a']);
	expect(training.measured.answers.count).toBe(0);
});

test('trained weights are restored again once another model was on the device', async () => {
	const { calls, models, training, open } = page();
	await open('a');
	await training.weights.ensure('a');
	await training.weights.ensure('a');
	expect(calls).toEqual(['load small', 'restore a']);
	await open('b');
	await open('a');
	await training.weights.ensure('a');
	expect(calls.slice(2)).toEqual(['load large', 'load small', 'restore a']);
	await models.setUntie(!specs.a?.untie);
	await open('a');
	await training.weights.ensure('a');
	expect(calls.at(-1)).toBe('restore a');
	expect(calls).toHaveLength(8);
});

test.each(['ThreadLost', 'Unresponsive'] as const)(
	'after %s the run that it trained is named, with what is kept of it',
	async (name) => {
		const { training, draft } = page(namedError(name, 'The training thread is gone.'));
		draft.replace(spec('small'));
		await training.start();
		expect(training.failure).toMatchObject({
			name,
			message: expect.stringMatching(
				/^The training thread is gone\. Run \w+ had made 3 updates; it goes on from its checkpoint after update 2\.$/,
			) as string,
		});
	},
);

test('other errors of a run say themselves how far it had come', async () => {
	const { training, draft } = page(namedError('NotFinite', 'loss is NaN. Nothing is kept.'));
	draft.replace(spec('small'));
	await training.start();
	expect(training.failure?.message).toBe('loss is NaN. Nothing is kept.');
});
