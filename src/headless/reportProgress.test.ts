import { expect, test } from 'vitest';
import { type HeadlessEvent, reportProgress } from './threads.ts';

test('the command line is told how far the work is, and the time left where it is known', () => {
	const told: HeadlessEvent[] = [];
	globalThis.labEvent = (event) => told.push(event);
	const work = { done: 3, total: 8, label: 'Words' };
	reportProgress(work);
	reportProgress(work, 61);
	globalThis.labEvent = undefined;
	expect(told.map(({ label }) => label)).toEqual(['Words', 'Words, 2 min left']);
	expect(told[0]).toEqual({ kind: 'progress', ...work });
});
