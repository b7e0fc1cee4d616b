import { expect, test } from 'vitest';
import { spread, twoLines } from './spread.ts';

test('labels with room stay, crowded ones move apart in their order', () => {
	expect(spread([10, 50, 90], 12, [0, 100])).toEqual([10, 50, 90]);
	expect(spread([50, 10, 52, 51], 10, [0, 100])).toEqual([50, 10, 70, 60]);
});

test('labels crowded at an edge are pushed back inside', () => {
	expect(spread([98, 97, 99], 10, [0, 100])).toEqual([90, 80, 100]);
	expect(spread([-4, 0], 10, [0, 100])).toEqual([0, 10]);
});

test('labels break where both lines are short', () => {
	expect(twoLines('Base')).toEqual(['Base']);
	expect(twoLines('Front 25 %')).toEqual(['Front', '25 %']);
	expect(twoLines('Front, then rear')).toEqual(['Front,', 'then rear']);
	expect(twoLines('Unbreakable')).toEqual(['Unbreakable']);
});
