/** An abort: threads that end by themselves are waited for as long as they were given, others are closed then. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Connection } from './connect.ts';
import { patienceOf } from './endPatience.ts';
import { runPool, waiting } from './pool.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A job that is halted at once and takes `milliseconds` to end; null: never does. */
async function aborted(milliseconds: number | null, patience: number) {
	const said: string[] = [];
	const abort = new AbortController();
	let close: (error: Error) => void = () => undefined;
	const closed = new Promise<never>((_resolve, reject) => (close = reject));
	closed.catch(() => undefined);
	const pool = runPool<object, string>({
		queue: [waiting('job')],
		threads: 1,
		open: () =>
			Promise.resolve({
				api: {},
				lost: new Promise<Error>(() => undefined),
				close: () => {
					close(namedError('Cancelled', 'closed'));
				},
			} satisfies Connection<object>),
		run: async () => {
			abort.abort();
			const ends = new Promise<void>((resolve) => {
				if (milliseconds !== null) setTimeout(resolve, milliseconds);
			});
			await Promise.race([ends, closed]);
			said.push('ended by itself');
			return 'done';
		},
		failed: (_job, error) => said.push(error.message),
		signal: abort.signal,
		halt: () => said.push('halted'),
		patience,
	});
	await vi.runAllTimersAsync();
	await pool;
	return said;
}

test('a thread that writes its checkpoint is waited for', async () => {
	expect(await aborted(59_000, 60_000)).toEqual(['halted', 'ended by itself']);
});

test('one that takes longer than it was given, or never ends, is closed', async () => {
	expect(await aborted(61_000, 60_000)).toEqual(['halted', 'closed']);
	expect(await aborted(null, 60_000)).toEqual(['halted', 'closed']);
});

test('what it is given grows with the update and with the checkpoint', () => {
	const small = { flopsPerStep: 0, trainableParameters: 0, bytes: { optimizer: 0 } };
	expect(patienceOf(small)).toBe(3000);
	expect(patienceOf({ ...small, flopsPerStep: 4e9 })).toBe(7000);
	// 12 bytes of each parameter: 1 GB of weights and 2 GB of moments take 300 s at 10 MB/s.
	expect(patienceOf({ ...small, trainableParameters: 250e6, bytes: { optimizer: 2e9 } })).toBe(
		303_000,
	);
});
