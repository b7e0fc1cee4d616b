/** Every call of every thread with what nobody should pass: whatever comes back has a name and a sentence. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dataWork, spectrumWork, storeWork, trainerWork, type Work } from '../contract/doing.ts';
import { errorNames } from '../contract/errors.ts';
import { symmetricEigenvalues } from '../engine/eigenvalues.ts';
import { freshDatabase } from '../storage/testing.ts';
import { createData } from './data.ts';
import { guarded } from './guard.ts';
import { createStore } from './store.ts';
import { createTrainer } from './trainer.ts';

type Method = (...parameters: unknown[]) => Promise<unknown>;
type Methods = Readonly<Record<string, Method>>;

const log = vi.spyOn(console, 'error');
beforeEach(() => {
	log.mockReset().mockImplementation(() => undefined);
});

const file = (content: string, name = 'rows.json') => new File([content], name);
const deep = '['.repeat(100_000);
const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Each is passed in every place of every call. */
const garbage: readonly unknown[] = [
	...[undefined, null, 0, -1, NaN, 1e12, '', 'no-such-id', '__proto__', true],
	...[{}, [], [null], { data: null }, circular, Object.create(null) as object],
	...[file(''), file('{'), file(deep), file('[1, null]'), file('\u0000', 'x.parquet')],
	...[[file('{}', 'config.json')], [{ path: 'a', file: file('x') }], new Float32Array(3)],
	...[
		{ kind: 'stored', id: 'none' },
		{ kind: 'files', files: [file('null', 'config.json')] },
	],
	...[
		{ kind: 'urls', files: null },
		{ spec: { steps: -1 }, train: {}, runId: 'x' },
	],
];

const places = 4;
const said = /^\S.*[.!?…:)]$/s;
/** How engines speak of slips in code. Quoted it may be, as what a defect consists of. */
const raw =
	/is not a function|Cannot read|undefined \(reading|is not iterable|Invalid array|Maximum call/;

async function rejection(call: () => Promise<unknown>): Promise<Error | null> {
	try {
		await call();
		return null;
	} catch (error) {
		return error as Error;
	}
}

function check(error: Error, call: string): void {
	expect(errorNames, `${call}: ${error.name}: ${error.message}`).toContain(error.name);
	expect(error.message, call).toMatch(said);
	if (error.name !== 'Defect') expect(error.message, call).not.toMatch(raw);
	else expect(error.message, call).toMatch(/defect of the lab: while [a-z].*Please report/s);
}

/** Rejections of all calls of an interface with garbage; calls that resolve are none. */
async function feed<Api extends object>(
	api: Api,
	works: Readonly<Record<keyof Api, Work>>,
): Promise<Error[]> {
	const methods = guarded(api, works) as unknown as Methods;
	const errors: Error[] = [];
	for (const name of Object.keys(works))
		for (const value of garbage) {
			const parameters = Array.from({ length: places }, () => value);
			// Without a number of threads it starts them all, which other tests do.
			if (name === 'start' && value === undefined) continue;
			const error = await rejection(() => methods[name]!(...parameters));
			if (error === null) continue;
			check(error, `${name}(${typeof value})`);
			errors.push(error);
		}
	return errors;
}

const spectrum = {
	eigenvalues: (matrix: Float32Array, size: number) =>
		symmetricEigenvalues(Float64Array.from(matrix), size, () => Promise.resolve()),
};

test('the data thread', async () => {
	const db = await freshDatabase();
	const errors = await feed(
		createData(() => Promise.resolve(db)),
		dataWork,
	);
	expect(errors.length).toBeGreaterThan(100);
});

test('the store thread', async () => {
	const db = await freshDatabase();
	const errors = await feed(
		createStore(() => Promise.resolve(db)),
		storeWork,
	);
	expect(errors.length).toBeGreaterThan(100);
});

test('the training thread, without a device', async () => {
	const errors = await feed(createTrainer(), trainerWork);
	expect(errors.length).toBeGreaterThan(100);
});

test('a spectrum thread', async () => {
	expect((await feed(spectrum, spectrumWork)).length).toBeGreaterThan(4);
});

test('a database that was closed by an update in another tab is told as that', async () => {
	const db = await freshDatabase();
	db.close();
	const open = () => Promise.resolve(db);
	const store = guarded(createStore(open), storeWork) as unknown as Methods;
	const silent = [
		...['persist', 'importDemoModel', 'importDemoLanguage', 'importModel', 'importDataset'],
		// These look at files only, or at nothing before they are given something.
		...['mirror', 'watchMirror', 'keepMirrorIn', 'mirrorFolder', 'mirrorNow', 'lookAtLibrary'],
		...['bringBack', 'saveLibrary'],
		// No answers are nothing to keep.
		'saveAnswers',
	];
	for (const name of Object.keys(storeWork).filter((name) => !silent.includes(name))) {
		const error = await rejection(() => store[name]!('id', [], []));
		expect(error, name).toMatchObject({ name: 'StorageClosed' });
		expect(error?.message, name).toMatch(/updated or its site data cleared.*Reload the page\.$/);
	}
	const data = guarded(createData(open), dataWork);
	await expect(data.render('id', {} as never, 0)).rejects.toMatchObject({ name: 'StorageClosed' });
});

test('what nobody foresaw goes to the console with its stack, what is named does not', async () => {
	const slip = () => Promise.reject(new TypeError('x is not a function'));
	const works = { slip: { words: 'slipping', effect: 'reading' } } as const;
	await rejection(guarded({ slip }, works).slip);
	expect(log).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError));
	log.mockReset();
	const store = guarded(
		createStore(() => freshDatabase()),
		storeWork,
	);
	await expect(store.run('none')).rejects.toMatchObject({ name: 'NotFound' });
	expect(log).not.toHaveBeenCalled();
});

afterEach(() => {
	vi.unstubAllGlobals();
});

test('a guarded thread says that it is alive', async () => {
	expect(await guarded(spectrum, spectrumWork).alive()).toBe(true);
});
