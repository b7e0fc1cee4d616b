import { expect, test } from 'vitest';
import { groupByPrefix, type Stem } from './prefixes.ts';

const stem = (text: string): Stem & { text: string } => {
	const ids = Array.from(text, (letter) => letter.charCodeAt(0));
	return { text, ids, sharable: ids.length - 1 };
};
const group = (texts: readonly string[], passTokens: number) =>
	groupByPrefix(texts.map(stem), passTokens).map(({ shared, items }) => [
		shared,
		items.map(({ text }) => text).sort(),
	]);

test('items that begin alike go together where that saves more than a pass', () => {
	const texts = ['aaaax', 'bbbx', 'aaaay', 'cz', 'bbby', 'aaaaz'];
	expect(group(texts, 2)).toEqual([
		[4, ['aaaax', 'aaaay', 'aaaaz']],
		[3, ['bbbx', 'bbby']],
		[0, ['cz']],
	]);
	expect(group(texts, 5)).toEqual([
		[4, ['aaaax', 'aaaay', 'aaaaz']],
		[0, ['bbbx', 'bbby', 'cz']],
	]);
	expect(group(texts, 100)).toEqual([[0, [...texts].sort()]]);
});

test('a shorter beginning of many is taken before longer ones of few', () => {
	const texts = ['aabbx', 'aabby', 'aaccx', 'aaccy', 'aadd', 'aaee'];
	expect(group(texts, 3)).toEqual([[2, [...texts].sort()]]);
	// Two passes save 4 - 1 each, one pass 2 * 5 - 1.
	expect(group(texts, 1)).toEqual([[2, [...texts].sort()]]);
	expect(group(['abbbbbx', 'abbbbby', 'acccccx', 'acccccy'], 1)).toEqual([
		[6, ['abbbbbx', 'abbbbby']],
		[6, ['acccccx', 'acccccy']],
	]);
});

test('every item keeps a token of its own', () => {
	expect(group(['aaa', 'aaa', 'aaab'], 1)).toEqual([[2, ['aaa', 'aaa', 'aaab']]]);
	expect(group(['', 'a', 'a'], 0)).toEqual([[0, ['', 'a', 'a']]]);
	expect(group([], 0)).toEqual([]);
});
