// The loop unroller rewrites text only, so it is tested on text.
import { expect, test } from 'vitest';
import { unroll } from './unroll.ts';

const flat = (code: string) => code.replace(/\s+/g, ' ').trim();

test('writes out a marked loop, its bound a number', () => {
	const code = 'for (var i = 0u; i < 2u; i++) { // unroll\n sum += x[i];\n}\nend;';
	expect(flat(unroll(code))).toBe(
		'{ const i = 0u; sum += x[i]; } { const i = 1u; sum += x[i]; } end;',
	);
});

test('takes the bound from a constant and keeps inner blocks whole', () => {
	const code = 'const N = 2u;\nfor (var i = 0u; i < N; i++) { // unroll\nif (a) { b(i); }\n}';
	expect(flat(unroll(code))).toBe(
		'const N = 2u; { const i = 0u; if (a) { b(i); } } { const i = 1u; if (a) { b(i); } }',
	);
});

test('nested loops multiply, unmarked loops stay', () => {
	const code =
		'for (var k = 0u; k < n; k++) {\nfor (var i = 0u; i < 2u; i++) { // unroll\n' +
		'for (var j = 0u; j < 3u; j++) { // unroll\nf(i, j);\n}\n}\n}';
	const text = unroll(code);
	expect(text.match(/f\(i, j\)/g)).toHaveLength(6);
	expect(text).toContain('for (var k = 0u; k < n; k++) {');
});

test('a bound that is no plain constant is refused', () => {
	expect(() => unroll('for (var i = 0u; i < n; i++) { // unroll\n}')).toThrow(/unroll up to n/);
});

test('a long loop stays a loop, what is inside is still written out', () => {
	const code =
		'for (var i = 0u; i < 17u; i++) { // unroll\nfor (var j = 0u; j < 2u; j++) { // unroll\nf(i, j);\n}\n}';
	const text = unroll(code);
	expect(text).toContain('for (var i = 0u; i < 17u; i++) {');
	expect(text.match(/f\(i, j\)/g)).toHaveLength(2);
});
