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
	['{{ range(5, 1) | length }} {{ range(100000) | length }}', '0 100000'],
	['{{ none is none }} {{ True }} {{ False }} {{ false }}', 'true true false false'],
	['{{ unknown | default(5000) }}', '5000'],
	['{{ "a\nb" | indent(1000) | length }} {{ [1] | tojson(indent=1000) | length }}', '1003 1005'],
	[
		'{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(9) }}',
		'9876543210',
	],
])('%j is %j', (source, text) => {
	expect(fill(source)).toBe(text);
});

test('values of the caller come before what every template may use', () => {
	expect(fill('{{ range }} {{ x }}', { range: 'mine', x: [1] })).toBe('mine [1]');
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

const noRange = 'range() takes whole numbers, and a step that is not 0';
const negations = (count: number) => `{{ ${'not '.repeat(count)}true }}`;
const keys = (count: number) =>
	Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, 1]));

describe('at the limit', { timeout: 60_000 }, () => {
	test.each<[string, string, object, number]>([
		['a loop of many turns', '{% for i in range(9900) %}{% endfor %}', {}, 0],
		['a loop of few of many', '{% for i in range(9500) if false %}{% endfor %}', {}, 0],
		['a loop over keys', '{% for k in m %}{% endfor %}', { m: keys(9900) }, 0],
		['a long list in a loop', '{% for i in [1] %}{{ l }}{% endfor %}', { l: keys(12000) }, 144890],
		['a long text', '{{ t }}', { t: 'x'.repeat(2 ** 24) }, 2 ** 24],
		['depth', negations(498), {}, 4],
	])('%s is rendered', (_what, source, values, length) => {
		expect(fill(source, values)).toHaveLength(length);
	});

	test.each<[string, string, object, string]>([
		[
			'a loop of too many turns',
			'{% for i in range(10000) %}{% endfor %}',
			{},
			'it takes more than 500000 steps',
		],
		[
			'a loop of few of too many',
			'{% for i in range(9999) if false %}{% endfor %}',
			{},
			'it takes more than 500000 steps',
		],
		[
			'a loop over too many keys',
			'{% for k in m %}{% endfor %}',
			{ m: keys(10000) },
			'it takes more than 500000 steps',
		],
		[
			'texts that are long together',
			'{{ t }}'.repeat(130),
			{ t: 'x'.repeat(2 ** 20) },
			'it takes more than 500000 steps',
		],
		[
			'a text that is too long',
			'{{ t }}',
			{ t: 'x'.repeat(2 ** 24 + 1) },
			'it makes a value that is too long',
		],
		['too much depth', negations(499), {}, 'it is nested deeper than 500'],
	])('%s is refused', (_what, source, values, why) => {
		expect(() => fill(source, values)).toThrow(new Error(why));
	});
});

test('errors are those of the template, or say in words what the engine says', () => {
	expect(() => fill('{{ raise_exception(7) }}')).toThrow(new Error('7'));
	expect(() => fill('{{ 1 | odd }}')).toThrow(new Error('Unknown NumericValue filter: odd'));
	const failing = (error: Error) => () =>
		fill('{{ f() }}', {
			f() {
				throw error;
			},
		});
	for (const [cause, why] of [
		[new TypeError('x'), 'it uses a value as what it is not'],
		[new RangeError('x'), 'it is nested too deeply, or makes too much'],
	] as const)
		expect(failing(cause)).toThrow(new Error(why, { cause }));
});

describe('refuses', { timeout: 60_000 }, () => {
	test.each([
		[
			'a long range',
			'{% for i in range(1000000000) %}{% endfor %}',
			'range() of 1000000000 numbers',
		],
		[
			'a range that is a bit too long',
			'{{ range(100001) }}',
			'range() of 100001 numbers is too long',
		],
		[
			'ranges that are long together',
			'{% for i in range(2) %}{{ range(50000) | length }}{% endfor %}',
			'range() of 50000 numbers is too long, or one of too many',
		],
		['a range of a text', '{{ range("a") }}', noRange],
		['a range from a text', '{{ range("a", 1) }}', noRange],
		['a range to a half', '{{ range(1.5) }}', noRange],
		['a range by halves', '{{ range(0, 3, 0.5) }}', noRange],
		['a range that stands still', '{{ range(0, 3, 0) }}', noRange],
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
		['spaces to the left', '{{ "a" | indent(-1001) }}', 'it indents by -1001'],
		['a space too many', '{{ "a" | indent(1001) }}', 'it indents by 1001'],
		['spaces that are no number', '{{ "a" | indent(0 / 0) }}', 'it indents by NaN'],
		['brackets', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`, 'nested too deeply'],
		['brackets that are read', `{{ ${'-'.repeat(2000)}1 }}`, 'nested'],
	])('%s', (_what, source, why) => {
		expect(() => fill(source)).toThrow(why);
	});
});
