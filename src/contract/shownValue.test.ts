import { expect, test } from 'vitest';
import { shownValue } from './shownValue.ts';

test('a value is told as JSON, cut where it is long, in words where it is too deep to write', () => {
	expect(shownValue({ a: [1, 'b', null] })).toBe('{"a":[1,"b",null]}');
	expect(shownValue(undefined)).toBe('undefined');
	expect(shownValue('x'.repeat(300))).toBe(`"${'x'.repeat(199)}…`);
	let deep: unknown = 1;
	for (let level = 0; level < 100_000; level++) deep = [deep];
	expect(shownValue(deep)).toBe('a value nested too deeply');
});
