import { expect, test } from 'vitest';
import type { MetricRow, Prediction } from '../contract/evaluation.ts';
import type { Study } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import {
	atBeginning,
	change,
	type PointProgress,
	shareDone,
	studySecondsLeft,
	studyShare,
	takeTraining,
} from './demoProgress.ts';

const study: Study = {
	id: 'demo-sequential',
	title: 'One after the other',
	question: '',
	expectation: '',
	finding: '',
	axis: 'order',
	points: [
		{ id: 'base', label: 'base', stages: [], adapter: null, position: null },
		{
			id: 'front-rear',
			label: 'front, then rear',
			stages: [
				{ method: 'front', k: 2 },
				{ method: 'rear', k: 2 },
			],
			adapter: null,
			position: 0,
		},
		{ id: 'full', label: 'full', stages: [{ method: 'full' }], adapter: null, position: null },
	],
};

const step = (index: number, loss: number): TrainingEvent => ({
	kind: 'step',
	step: index,
	loss,
	gradientNorm: 1,
	learningRate: 1e-3,
	tokens: 10,
	seconds: 0.1,
});

const measured = (
	at: number,
	understands: number,
	predictions: readonly Prediction[] = [],
): TrainingEvent => {
	const row: MetricRow = {
		task: 'words-comprehension',
		subject: 'Javanese to English',
		metric: 'exact-match',
		weights: 'adapted',
		mean: understands,
		sd: null,
		runs: 1,
		count: 20,
		shortened: 0,
	};
	return { kind: 'measured', step: at, rows: [row], predictions };
};

const second = (all: readonly PointProgress[]): PointProgress => all[1]!;

test('losses and live scores add up over stages, and repeated ones replace the older', () => {
	let one = second(atBeginning(study, 10));
	expect(one.steps).toBe(20);
	one = takeTraining(one, [measured(0, 0), step(0, 3), step(1, 2)]);
	expect(one).toMatchObject({ state: 'running', step: 2 });
	one = takeTraining(one, [measured(2, 0.5)]);
	expect(one.step).toBe(2);
	one = takeTraining(one, [step(1, 2.1), measured(2, 0.55), step(2, 1)]);
	expect(one.step).toBe(3);
	expect(one.losses.map(({ step, loss }) => [step, loss])).toEqual([
		[0, 3],
		[1, 2.1],
		[2, 1],
	]);
	expect(one.curve).toEqual([
		{ step: 0, understands: { mean: 0, count: 20 }, speaks: null },
		{ step: 2, understands: { mean: 0.55, count: 20 }, speaks: null },
	]);
});

test('what was said is kept per measurement', () => {
	const said = (given: string): Prediction => ({
		prompt: 'Javanese: banyu\nEnglish: ',
		expected: 'water',
		given,
		right: given === 'water',
	});
	const one = takeTraining(second(atBeginning(study, 10)), [
		measured(0, 0, [said('fish')]),
		measured(5, 1, [said('water')]),
	]);
	expect(one.said.map(({ step, predictions }) => [step, predictions[0]?.given])).toEqual([
		[0, 'fish'],
		[5, 'water'],
	]);
});

test('share and time left follow the work done, not the number of configurations', () => {
	let all = atBeginning(study, 10);
	expect(studyShare(all, 8)).toBe(0);
	expect(studySecondsLeft(all, { layers: 8, workers: 1, elapsed: 5 })).toBeNull();
	all = change(all, 'full', () => ({ state: 'done' }));
	// base 0.2, sequential 1.45, full 1.2
	expect(studyShare(all, 8)).toBeCloseTo(1.2 / 2.85);
	const left = { layers: 8, workers: 1, elapsed: 12 };
	expect(studySecondsLeft(all, left)).toBeCloseTo(16.5);
	// Two side by side did 1.2 in 12 s together; the sequential one alone takes 1.45 at half that rate.
	expect(studySecondsLeft(all, { ...left, workers: 2 })).toBeCloseTo(29);
	all = change(all, 'base', () => ({ state: 'done', storedAt: 1 }));
	expect(studySecondsLeft(all, left)).toBeCloseTo(14.5);
	expect(all.map(shareDone)).toEqual([1, 0, 1]);
});
