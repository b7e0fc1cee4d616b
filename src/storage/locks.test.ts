/** What is locked against what; and browsers without Web Locks. */
import { afterEach, expect, test, vi } from 'vitest';
import { heldRuns, holdChunks, holdReserve, holdRun, ownChunks } from './locks.ts';
import { holdMirror } from './mirror/lock.ts';
import './testing.ts';

afterEach(() => {
	vi.unstubAllGlobals();
});

const work = () => Promise.resolve('done');
const [chunks, run] = [holdChunks, <T>(inner: () => Promise<T>) => holdRun('a', inner)];

test.each([
	['chunks', chunks, chunks],
	['chunks and a run', chunks, run],
	['chunks and the reserve', chunks, holdReserve],
	['chunks and the mirror', chunks, holdMirror],
	['two runs', run, <T>(inner: () => Promise<T>) => holdRun('b', inner)],
])('%s are held at once', async (_, one, other) => {
	expect(await one(() => other(work))).toBe('done');
	expect(await other(() => one(work))).toBe('done');
});

test('chunks are owned by nobody while somebody holds them', async () => {
	const owning = vi.fn(work);
	expect(await holdChunks(() => ownChunks(owning))).toBeNull();
	expect(owning).not.toHaveBeenCalled();
	expect(await ownChunks(owning)).toBe('done');
	expect(await ownChunks(() => ownChunks(owning))).toBeNull();
});

test.each([
	['the reserve', holdReserve],
	['the mirror', holdMirror],
])('%s has one holder at a time: another waits', async (_, hold) => {
	await expect(hold(() => hold(work))).rejects.toThrow(/would wait/);
});

test('a run is trained once at a time: another tab is told, and does not wait', async () => {
	await expect(run(() => run(work))).rejects.toMatchObject({
		name: 'Busy',
		message: 'Run a is open in another tab or still training; stop it there first.',
	});
});

test('runs that are held are known by their ids, other locks are none', async () => {
	expect(await heldRuns()).toEqual(new Set());
	expect(await chunks(() => run(() => heldRuns()))).toEqual(new Set(['a']));
	const held = [{ name: 'run:b' }, { name: 'my run:c' }, {}];
	vi.stubGlobal('navigator', { locks: { query: () => Promise.resolve({ held }) } });
	expect(await heldRuns()).toEqual(new Set(['b']));
	vi.stubGlobal('navigator', { locks: { query: () => Promise.resolve({}) } });
	expect(await heldRuns()).toEqual(new Set());
});

test.each<[string, (inner: typeof work) => unknown, string, object]>([
	['somebody holds chunks', holdChunks, 'chunks', { mode: 'shared' }],
	['nobody holds chunks', ownChunks, 'chunks', { ifAvailable: true }],
	['nobody else has the reserve', holdReserve, 'reserve', { mode: 'exclusive' }],
	['nobody else writes to the mirror', holdMirror, 'mirror', { mode: 'exclusive' }],
	['nobody else trains the run', run, 'run:a', { ifAvailable: true }],
])(
	'that %s is asked of the browser by a name that all tabs have',
	async (_, hold, name, options) => {
		const request = vi.fn(() => Promise.resolve('done'));
		vi.stubGlobal('navigator', { locks: { request } });
		expect(await hold(work)).toBe('done');
		expect(request).toHaveBeenCalledWith(name, options, expect.any(Function));
	},
);

test.each([
	['no navigator', undefined],
	['no Web Locks', {}],
])('with %s work is done, chunks are never owned and no run is held', async (_, navigator) => {
	vi.stubGlobal('navigator', navigator);
	for (const hold of [holdChunks, holdReserve, holdMirror, run])
		expect(await hold(work)).toBe('done');
	const owning = vi.fn(work);
	expect(await ownChunks(owning)).toBeNull();
	expect(owning).not.toHaveBeenCalled();
	expect(await run(() => heldRuns())).toEqual(new Set());
});
