import { expect, test } from 'vitest';
import { demoStudies } from '../experiments/demo/studies.ts';
import { shorten, shortenedBy } from './demoShort.ts';

test('nothing is shortened unless the address says so', () => {
	expect(shortenedBy('')).toBeNull();
	expect(shortenedBy('?headless')).toBeNull();
	expect(shortenedBy('?demo-steps=12&demo-points=front,rear')).toEqual({
		steps: 12,
		points: ['front', 'rear'],
	});
	expect(shortenedBy('?demo-steps=-1')).toEqual({ steps: null, points: null });
});

test('a study keeps its order and never becomes empty', () => {
	const study = demoStudies.headline(8);
	const ids = (points: readonly string[] | null) =>
		shorten(study, points).points.map(({ id }) => id);
	expect(ids(['rear', 'base'])).toEqual(['base', 'rear']);
	expect(ids(['nothing'])).toHaveLength(6);
	expect(ids(null)).toHaveLength(6);
});
