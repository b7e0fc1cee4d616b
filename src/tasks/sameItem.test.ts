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
} from './sameItem.ts';

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
	const same = sameIn(pool, sameWord);
	expect([...same(word('asu'))].sort()).toEqual([0, 1]);
	expect([...same(word('segawon', 'asu'))]).toEqual([0]);
	expect([...same(word('omah', 'griya'))]).toEqual([2]);
	expect([...same(word('banyu'))]).toEqual([]);
});

test('a sentence is the same by its source or its reference', () => {
	const pair = (source: string, target: string) => ({ source, target });
	const same = sameIn([pair('I eat', 'Aku mangan'), pair('You go', 'Aku lunga')], samePair);
	expect([...same(pair('i eat ', 'Kula nedha'))]).toEqual([0]);
	expect([...same(pair('I leave', 'aku  lunga'))]).toEqual([1]);
	expect([...same(pair('Aku mangan', 'I eat'))]).toEqual([]);
});

test('a question is the same with the same options, in whatever order and under whatever letters', () => {
	const question = (text: string, options: string) => ({
		...{ subject: 's', level: '', grade: '', question: text, options },
		...{ letters: ['A', 'B'], key: 'A' },
	});
	const same = sameIn([question('Which?', 'A. red\nB. blue')], sameQuestion);
	expect(same(question('which? ', 'A. Blue\r\nB.  red')).size).toBe(1);
	expect(same(question('Which?', 'A. red\nB. green')).size).toBe(0);
	expect(same(question('Which one?', 'A. red\nB. blue')).size).toBe(0);
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
	const left = (item: number) => item;
	expect(() => {
		requireShots('words', [3, 2, 1], left, 2);
	}).toThrow(/^words: item 3 has 1 examples other than itself, and 2 are to be shown/);
	requireShots('words', [3, 2], left, 2);
});
