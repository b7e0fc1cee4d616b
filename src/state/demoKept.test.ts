import { expect, test } from 'vitest';
import { demoStudies } from '../experiments/demo/studies.ts';
import { keptCurve, keptText, withKept } from './demoKept.ts';
import { atBeginning, change } from './demoProgress.ts';

const beginning = atBeginning(demoStudies.headline(8), 250);
const curve = [{ step: 25, understands: { mean: 0.4, count: 40 }, speaks: null }];
const finished = change(beginning, 'front', () => ({
	state: 'done',
	scores: { 'words-known': { mean: 0.9, count: 48 } },
	curve,
}));

test('what is finished comes back, marked with its time; the rest is still to be done', () => {
	const back = withKept(beginning, keptText(finished, 1000));
	const front = back.find(({ point }) => point.id === 'front');
	expect(front).toMatchObject({
		state: 'done',
		step: 250,
		storedAt: 1000,
		scores: { 'words-known': { mean: 0.9, count: 48 } },
		curve,
	});
	expect(back.filter(({ state }) => state === 'waiting')).toHaveLength(5);
});

test('the oldest part gives the date, so that nothing looks newer than it is', () => {
	const older = change(finished, 'rear', () => ({ state: 'done', storedAt: 400 }));
	const back = withKept(beginning, keptText(older, 1000));
	expect(back.map(({ storedAt }) => storedAt)).toEqual([null, 400, null, 400, null, null]);
});

test('text that is none changes nothing', () => {
	for (const text of [null, 'nonsense', '{}', '{"at":"x","points":[]}'])
		expect(withKept(beginning, text)).toEqual(beginning);
});

test('the curve of a stored run is found by its configuration', () => {
	const text = keptText(finished, 1000);
	expect(keptCurve(text, 'front')).toEqual(curve);
	expect(keptCurve(text, 'rear')).toEqual([]);
	expect(keptCurve(null, 'front')).toEqual([]);
});
