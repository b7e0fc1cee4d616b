import { expect, test } from 'vitest';
import { demoStudies } from '../experiments/demo/studies.ts';
import { atBeginning, change } from './demoProgress.ts';
import { milestone } from './demoSpoken.ts';

const waiting = atBeginning(demoStudies.headline(8), 10);

test('a beginning and an end are told, an update is not', () => {
	const running = change(waiting, 'front', () => ({ state: 'running' }));
	expect(milestone(waiting, running)).toBe('Front 25 %: training begins.');
	expect(
		milestone(
			running,
			change(running, 'front', () => ({ step: 3 })),
		),
	).toBeNull();
	const measuring = change(running, 'front', () => ({ state: 'measuring' }));
	expect(milestone(running, measuring)).toBeNull();
	const done = change(measuring, 'front', () => ({
		state: 'done',
		scores: {
			'words-comprehension': { mean: 0.94, count: 90 },
			'words-production': { mean: 0.24, count: 90 },
		},
	}));
	expect(milestone(measuring, done)).toBe(
		'Front 25 %: finished, 1 of 6. It understands 94 of 100 words and says 24 of 100.',
	);
});
