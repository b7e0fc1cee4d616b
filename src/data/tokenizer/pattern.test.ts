import { expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

const found = (regex: string, text: string) => text.match(compilePattern({ Regex: regex }, 'part'));

test('a string is found as it is', () => {
	const text = String.raw`\^$.*+?()[]{}|/-`;
	for (const character of text)
		expect(`a${text}b`.replace(compilePattern({ String: character }, 'part'), '')).toBe(
			`a${text.replace(character, '')}b`,
		);
});

// As Oniguruma finds them.
test.each<[string, string, string[] | null]>([
	['a{12}', 'a'.repeat(13), ['a'.repeat(12)]],
	['a{2,}', 'a aaa', ['aaa']],
	['a{1,2}', 'aaa', ['aa', 'a']],
	['a{0,3}b', 'aab', ['aab']],
	['(?:ab)+', 'ababa', ['abab']],
	['(ab|c)d', 'abdcd', ['abd', 'cd']],
	['a+(?:b|(?:c))?', 'aab ac', ['aab', 'ac']],
	['a+(?:b(?:c))+', 'aabcbc', ['aabcbc']],
	['a(?=b)', 'abac', ['a']],
	['a(?!b)c?', 'abac', ['ac']],
	["(?i:'s|'ll)", "'S 'ſ 'lL 'x", ["'S", "'ſ", "'lL"]],
	['(?i:k)', 'kK\u212aq', ['k', 'K', '\u212a']],
	["(?i:a')b", "A'b a'B", ["A'b"]],
	[String.raw`\s+`, 'a \x85\ufeffb', [' \x85']],
	[String.raw`\p{L}+|\p{N}`, 'aé12', ['aé', '1', '2']],
	[String.raw`[^\s\p{L}]`, 'a .', ['.']],
	[String.raw`[a&]`, '&b', ['&']],
	['x', 'y', null],
])('%s in %j', (regex, text, expected) => {
	expect(found(regex, text)).toEqual(expected);
});

const tail = '; take a tokenizer without it';

test.each<[string, string]>([
	['(?<=a)b', 'is not supported from "(?<=a)b"'],
	['a(?>b)', 'is not supported from "(?>b)"'],
	[`ab[a&&b]${'c'.repeat(30)}`, `is not supported from "[a&&b]${'c'.repeat(14)}"`],
	[String.raw`a\w`, String.raw`is not supported from "\w"`],
	['a**', 'is not supported from "**"'],
	['a{2}+', 'is not supported from "{2}+"'],
	['a{1000}', 'is not supported from "{1000}"'],
	['*a', 'repeats what cannot be repeated'],
	['a|*', 'repeats what cannot be repeated'],
	['(+a)', 'repeats what cannot be repeated'],
	['(?:a+)*b', 'repeats what cannot be repeated'],
	['(?:(?:a+))*b', 'repeats what cannot be repeated'],
	['(?:(?:(a+))b)+c', 'repeats what cannot be repeated'],
	['(?:a+(b))+c', 'repeats what cannot be repeated'],
	['a)', 'closes a group that is not open'],
	['(a', 'leaves a group open'],
	['((a)', 'leaves a group open'],
	['[z-a]', 'is no regular expression'],
	['a{3,1}', 'is no regular expression'],
	['a?', 'matches where there is nothing'],
	['a|(?=b)|(?!a)', 'matches where there is nothing'],
])('%s is refused', (regex, problem) => {
	const message = `tokenizer.json: part: the expression ${regex} ${problem}${tail}`;
	expect(() => compilePattern({ Regex: regex }, 'part')).toThrow(
		expect.objectContaining({ name: 'BadInput', message }),
	);
});
