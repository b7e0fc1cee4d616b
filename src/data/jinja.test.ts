/** Templates that ask for more than any template needs are refused, at once; what they may do, they do. */
import { describe, expect, test } from 'vitest';
import { parseJinja } from './jinja.ts';

const fill = (source: string, values = {}) => parseJinja(source)(values);

test.each([
	['{% for i in range(3) %}{{ i }}{% endfor %}', '012'],
	[
		'{{ range(2, 11, 3) | join(" ") }},{{ range(3, 0, -1) | join(" ") }},{{ range(2, 2) }}',
		'2 5 8,3 2 1,[]',
	],
	['{{ true }} {{ None is none }} {{ 3 if false else 4 }}', 'true true 4'],
	['{{ strftime_now("%Y") | length }}', '4'],
	['{{ "a\nb" | indent(2) }} {{ {"a": [1]} | tojson(indent=1) }}', 'a\n  b {\n "a": [\n  1\n ]\n}'],
	[
		'{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(9) }}',
		'9876543210',
	],
])('%j is %j', (source, text) => {
	expect(fill(source)).toBe(text);
});

test('a long chat takes few of the steps that it may', () => {
	const messages = Array.from({ length: 1000 }, () => ({
		role: 'user',
		content: 'x'.repeat(1000),
	}));
	const source =
		'{% for m in messages %}{% if messages[loop.index0 - 1].role == m.role %}{{ m.content | trim }}{% endif %}{% endfor %}';
	expect(fill(source, { messages })).toHaveLength(1_000_000);
});

const twice = (what: string, times: number) =>
	`{% set ns = namespace(a=${what}) %}${`{% set ns.a = ns.a + ns.a %}`.repeat(times)}`;
const nested = (times: number) =>
	`{% set ns = namespace(a=[1]) %}${`{% set ns.a = [ns.a, ns.a] %}`.repeat(times)}`;

describe('refuses', () => {
	test.each([
		[
			'a long range',
			'{% for i in range(1000000000) %}{% endfor %}',
			'range() of 1000000000 numbers',
		],
		['a range that is none', '{{ range("a") }}', 'range() takes whole numbers'],
		[
			'loops in loops',
			`${'{% for i in range(1000) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`,
			'more than 500000 steps',
		],
		[
			'a macro that calls itself',
			'{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}',
			'nested deeper',
		],
		['a text that doubles', twice('"a"', 40), 'too long'],
		['a list that doubles', twice('[1]', 40), 'too long'],
		['lists in lists that double', `${nested(40)}{{ ns.a | tojson }}`, 'too long'],
		['spaces', '{{ "a\nb" | indent(1000000000) }}', 'it indents by 1000000000'],
		['spaces of JSON', '{{ [1] | tojson(indent=10 ** 8) }}', 'it indents by 100000000'],
		['spaces of a block', '{% filter indent(width=9999) %}a{% endfilter %}', 'it indents by 9999'],
		['brackets', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`, 'nested too deeply'],
		['brackets that are read', `{{ ${'-'.repeat(2000)}1 }}`, 'nested'],
	])('%s', (_what, source, why) => {
		expect(() => fill(source)).toThrow(why);
	});
});
