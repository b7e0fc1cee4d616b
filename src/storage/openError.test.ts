import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { VERSION } from './upgrade.ts';
import { openDatabase } from './database.ts';
import { olderProfile } from './olderProfiles.ts';
import { explainOpening, openError } from './openError.ts';

beforeEach(() => {
	vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** What opening says where the browser's `open` throws or its `indexedDB` is this. */
const opening = (factory: unknown) => {
	vi.stubGlobal('indexedDB', factory);
	return openDatabase('test');
};
const throwing = (name: string, message: string) => ({
	open() {
		throw new DOMException(message, name);
	},
});

test.each([
	['nothing', undefined],
	['null', null],
	[
		'a page within another site (Chromium, page)',
		throwing(
			'SecurityError',
			"Failed to execute 'open' on 'IDBFactory': access to the Indexed Database API is denied in this context.",
		),
	],
	[
		'the same in a thread',
		throwing('UnknownError', 'The user denied permission to access the database.'),
	],
	[
		'a private window (Firefox)',
		throwing(
			'InvalidStateError',
			'A mutation operation was attempted on a database that did not allow mutations.',
		),
	],
])('storage that is not there or not allowed is called blocked: %s', async (_, factory) => {
	const refusal = opening(factory);
	await expect(refusal).rejects.toMatchObject({ name: 'StorageBlocked' });
	await expect(refusal).rejects.toThrow(/browser keeps nothing.*Allow site data/);
});

test('a getter that throws is blocked storage, too', async () => {
	const getter = () => {
		throw new DOMException('The operation is insecure.', 'SecurityError');
	};
	const kept = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')!;
	Object.defineProperty(globalThis, 'indexedDB', { get: getter, configurable: true });
	try {
		await expect(openDatabase('test')).rejects.toMatchObject({ name: 'StorageBlocked' });
	} finally {
		Object.defineProperty(globalThis, 'indexedDB', kept);
	}
});

test('what the browser cannot open is its fault, and quotes it', async () => {
	const internal = throwing(
		'UnknownError',
		'Internal error opening backing store for indexedDB.open.',
	);
	const refusal = opening(internal);
	await expect(refusal).rejects.toMatchObject({ name: 'StorageFailed' });
	await expect(refusal).rejects.toThrow(/browser could not open.*backing store.*start it again/);
	await expect(opening(throwing('QuotaExceededError', ''))).rejects.toMatchObject({
		name: 'QuotaExceeded',
	});
});

test('what a newer version wrote is refused and stays', async () => {
	const newer = await new Promise<IDBDatabase>((resolve) => {
		const request = indexedDB.open('newer', 99);
		request.onupgradeneeded = () => request.result.createObjectStore('future');
		request.onsuccess = () => {
			resolve(request.result);
		};
	});
	newer.close();
	const refusal = openDatabase('newer');
	await expect(refusal).rejects.toMatchObject({ name: 'StorageOutdated' });
	await expect(refusal).rejects.toThrow(/newer version.*Reload.*Nothing stored was touched/);
	const databases = await indexedDB.databases();
	expect(databases).toEqual([{ name: 'newer', version: 99 }]);
});

/** A tab of version 1 whose code does not let go when a newer page asks. */
function olderTab(name: string): Promise<IDBDatabase> {
	return new Promise((resolve) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => request.result.createObjectStore('runs');
		request.onsuccess = () => {
			resolve(request.result);
		};
	});
}

test('an older tab that holds the database is named, until it lets go', async () => {
	await olderProfile('held', 1);
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const older = await olderTab('held');
	const refusal = expect(openDatabase('held')).rejects.toMatchObject({
		name: 'StorageHeld',
		message: expect.stringMatching(/Another tab.*Close the other tabs/) as string,
	});
	await vi.waitFor(() => {
		expect(vi.getTimerCount()).toBe(1);
	});
	await vi.advanceTimersByTimeAsync(5000);
	await refusal;
	older.close();
	await expect(openDatabase('held')).resolves.toMatchObject({ version: VERSION });
});

test('a slip in our own code is not the browser’s fault', () => {
	const slip = new TypeError('x is not a function');
	expect(openError(slip)).toBe(slip);
});

test.each([
	['UnknownError', 'Permission DENIED', 'StorageBlocked'],
	['InvalidStateError', 'mutations are not allowed', 'StorageBlocked'],
	['SecurityError', 'anything', 'StorageBlocked'],
	['UnknownError', 'anything', 'StorageFailed'],
	['AbortError', 'The request was denied.', 'StorageFailed'],
	['UnknownErrors', 'denied', 'StorageFailed'],
	['AnUnknownError', 'denied', 'StorageFailed'],
	['VersionError', '', 'StorageOutdated'],
	['QuotaExceededError', '', 'QuotaExceeded'],
])('%s (%s) while opening is told as %s', (name, message, told) => {
	expect(openError(new DOMException(message, name)).name).toBe(told);
});

test.each([
	['Internal error.', 'Internal error'],
	['Error 5. Internal error', 'Error 5. Internal error'],
	['', 'UnknownError'],
	['.', 'UnknownError'],
])('of what the browser says (%s) nothing but the last stop is left out', (message, quoted) => {
	expect(openError(new DOMException(message, 'UnknownError')).message).toContain(
		`(${quoted}). Close`,
	);
});

test('no room to open is told with what to do', () => {
	expect(openError(new DOMException('', 'QuotaExceededError')).message).toBe(
		'There is no room to open what the lab has stored. Free disk space, then reload.',
	);
});

test('what has a name of the lab passes, what is no error becomes one', () => {
	const named = Object.assign(new Error('x'), { name: 'StorageHeld' });
	expect(openError(named)).toBe(named);
	expect(openError('text')).toEqual(new Error('text'));
});

test.each([
	['nothing', undefined, '(it offers no IndexedDB)'],
	['a refusal', throwing('SecurityError', ''), '(it denies access to IndexedDB)'],
])('blocked storage says why: %s', async (_, factory, why) => {
	await expect(opening(factory)).rejects.toThrow(why);
});

test('a database that opens after it was given up is closed, and one that opens in time is not', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const late = { close: vi.fn() };
	let open!: (db: typeof late) => void;
	const opened = new Promise<typeof late>((resolve) => (open = resolve));
	const refusal = expect(
		explainOpening((blocked) => {
			blocked();
			return opened;
		}),
	).rejects.toMatchObject({ name: 'StorageHeld' });
	await vi.advanceTimersByTimeAsync(4999);
	expect(vi.getTimerCount()).toBe(1);
	await vi.advanceTimersByTimeAsync(1);
	await refusal;
	open(late);
	await opened;
	expect(late.close).toHaveBeenCalledTimes(1);

	const inTime = { close: vi.fn() };
	const outcome = explainOpening((blocked) => {
		blocked();
		return Promise.resolve(inTime);
	});
	expect(await outcome).toBe(inTime);
	expect(vi.getTimerCount()).toBe(0);
	expect(inTime.close).not.toHaveBeenCalled();
});
