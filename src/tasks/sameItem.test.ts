import { expect, test } from 'vitest';
import {
	normalised,
	overlapOf,
	requireShots,
	sameIn,
	samePair,
	sameQuestion,
	sameText,
	sameWord,
	type SameBy,
} from './sameItem.ts';

/** Places of a pool that are the same as an item. */
const placesOf = <Item>(pool: readonly Item[], by: SameBy<Item>, item: Item): number[] =>
	[...pool.keys()].filter((place) => sameIn(pool, by)(item).has(place));

const word = (...source: string[]) => ({ english: null, source, target: ['x'] });

test('texts are compared without case, white space around and between, and composition', () => {
	expect(normalised('  Séga\n GORENG\u00a0 ')).toBe('séga goreng');
	expect(normalised('Se\u0301ga')).toBe(normalised('SÉGA'));
	expect(normalised('sega')).not.toBe(normalised('séga'));
	expect(normalised('ISTANBUL')).toBe('istanbul');
	expect(normalised('ΟΔΟΣ')).toBe(normalised('οδος'));
});

test('a word is the same as one that shows a form of it, or is shown as one', () => {
	const pool = [word('asu'), word('kirik', 'ASU'), word('omah', 'griya'), word('iwak', 'griya')];
	expect(placesOf(pool, sameWord, word('asu'))).toEqual([0, 1]);
	expect(placesOf(pool, sameWord, word('segawon', 'asu'))).toEqual([0]);
	expect(placesOf(pool, sameWord, word('omah', 'griya'))).toEqual([2]);
	expect(placesOf(pool, sameWord, word('banyu'))).toEqual([]);
});

test('a sentence is the same by its source or its reference', () => {
	const pair = (source: string, target: string) => ({ source, target });
	const pool = [pair('I eat', 'Aku mangan'), pair('You go', 'Aku lunga')];
	expect(placesOf(pool, samePair, pair('i eat ', 'Kula nedha'))).toEqual([0]);
	expect(placesOf(pool, samePair, pair('I leave', 'aku  lunga'))).toEqual([1]);
	expect(placesOf(pool, samePair, pair('Aku mangan', 'I eat'))).toEqual([]);
});

test('a question is the same with the same options, in whatever order and under whatever letters', () => {
	const question = (text: string, options: string) => ({
		...{ subject: 's', level: '', grade: '', question: text, options },
		...{ letters: ['A', 'B'], key: 'A' },
	});
	const pool = [question('Which?', 'A. red\nB. blue')];
	expect(placesOf(pool, sameQuestion, question('which? ', 'A. Blue\r\nB.  red'))).toEqual([0]);
	expect(placesOf(pool, sameQuestion, question('Which?', 'A. red\nB. green'))).toEqual([]);
	expect(placesOf(pool, sameQuestion, question('Which one?', 'A. red\nB. blue'))).toEqual([]);
});

test('items that come twice and those among the examples are counted', () => {
	const texts = (...all: string[]) => all.map((text) => ({ text, label: 'x' }));
	expect(overlapOf(texts('a', 'b', 'A ', 'a'), texts('b', 'c'), sameText)).toEqual({
		...{ items: 4, repeated: 2, shown: 1, trained: null },
	});
	expect(overlapOf([word('asu'), word('kirik', 'asu')], null, sameWord)).toEqual({
		...{ items: 2, repeated: 1, shown: 0, trained: null },
	});
});

test('the first item without enough examples is named', () => {
	const texts = (...all: string[]) => all.map((text) => ({ text, label: 'x' }));
	const pool = texts('a', 'b', 'b', 'c');
	const require = (count: number, ...asked: string[]) => {
		requireShots('moods', texts(...asked), pool, sameIn(pool, sameText), count);
	};
	expect(() => {
		require(3, 'a', 'c', 'b', 'b');
	}).toThrow(/^moods: item 3 has 2 examples other than itself, and 3 are to be shown/);
	require(3, 'a', 'c');
	require(2, 'b');
	require(4, 'd');
});
