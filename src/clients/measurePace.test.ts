import { expect, test } from 'vitest';
import type { EvaluationTask } from '../contract/evaluation.ts';
import { measurePace } from './measurePace.ts';

test('the rest is foretold by the work done so far', () => {
	const exam = (questions: number): EvaluationTask => ({
		...{ kind: 'exam', runs: 1, seed: 0 },
		set: {
			subject: 'x',
			questions: Array.from({ length: questions }, () => ({}) as never),
			shots: null,
		},
	});
	const steps = [exam(100), exam(300)].map(
		(task) => ({ weights: 'base', task, lens: false }) as const,
	);
	const pace = measurePace(steps);
	expect(pace(0, 0, 5)).toEqual({ done: 0, total: 800, secondsLeft: null });
	expect(pace(1, 0, 10)).toEqual({ done: 200, total: 800, secondsLeft: 30 });
	expect(pace(1, 1, 40)).toMatchObject({ done: 800, secondsLeft: 0 });
});
