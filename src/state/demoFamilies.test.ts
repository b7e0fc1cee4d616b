import { expect, test } from 'vitest';
import { demoStudies, type DemoStudyName } from '../experiments/demo/studies.ts';
import { families } from './demoFamilies.ts';
import { atBeginning } from './demoProgress.ts';

const measured = (name: DemoStudyName, without: readonly string[] = []) => {
	const study = demoStudies[name](8);
	const scores = {
		'words-comprehension': { mean: 0.5, count: 90 },
		'words-production': { mean: 0.25, count: 90 },
	};
	const all = atBeginning(study, 10).map((one) => ({
		...one,
		scores: without.includes(one.point.id) ? {} : scores,
	}));
	return families(study, [...all].reverse()).map(({ title, places, references, joined }) => ({
		title,
		places: places.map(({ id }) => id),
		references: references.map(({ id }) => id).sort(),
		joined,
	}));
};

test('front, middle, rear stand in the order of the model, references beside them', () => {
	expect(measured('headline')).toEqual([
		{
			title: '',
			places: ['front', 'middle', 'rear'],
			references: ['base', 'cogsym', 'full'],
			joined: true,
		},
	]);
	expect(measured('headline', ['middle', 'full'])[0]).toMatchObject({
		places: ['front', 'rear'],
		references: ['base', 'cogsym'],
	});
});

test('regions that grow from both ends are two rows', () => {
	expect(measured('front-rear').map(({ title, places }) => [title, places[0]])).toEqual([
		['From the front', 'front-2'],
		['From the rear', 'rear-2'],
	]);
});

test('orders are not points of a line', () => {
	expect(measured('sequential')[0]?.joined).toBe(false);
});
