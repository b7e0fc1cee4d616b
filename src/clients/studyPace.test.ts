/** The time left follows from the work left and from what was timed. */
import { expect, test } from 'vitest';
import { studyPace } from './studyPace.ts';
import { emptyResult } from './studyResult.ts';
import type { StudyEvent } from './studyRunner.ts';
import { jobOf } from './testing.ts';

const step = (number: number) => ({
	...{ kind: 'step', step: number, loss: 3, gradientNorm: 1 },
	...{ learningRate: 1, tokens: 8, seconds: 2 },
});

test('counts updates, and reckons what is left by work, measuring and workers', () => {
	const { take, pace } = studyPace([jobOf('base', null), jobOf('two', 2), jobOf('four', 4)]);
	const tell = (event: object) => {
		take(event as StudyEvent);
	};
	tell({ kind: 'device', workers: 2 });
	const work = new Map(Object.entries({ four: 400, two: 200, base: 0 }));
	tell({ kind: 'planned', work });
	expect(pace()).toEqual({ ended: 0, jobs: 3, done: 0, total: 20, secondsLeft: null });
	// 5 of 10 updates of 40 operations each in 10 s; 400 operations are left for two workers.
	tell({ kind: 'training', job: 'four', events: [0, 1, 2, 3, 4].map(step) });
	expect(pace()).toMatchObject({ done: 5, secondsLeft: 10 });
	const seconds = { training: 20, measuring: 6 };
	tell({ kind: 'ended', result: { ...emptyResult('four', 'finished', null), seconds } });
	// 200 operations take 10 s, two jobs are measured for 6 s each.
	expect(pace()).toEqual({ ended: 1, jobs: 3, done: 10, total: 20, secondsLeft: 11 });
	tell({ kind: 'ended', result: emptyResult('two', 'cancelled', null) });
	expect(pace()).toMatchObject({ ended: 2, done: 20 });
	tell({ kind: 'started', job: 'two' });
	expect(pace()).toMatchObject({ ended: 1, done: 10 });
});
