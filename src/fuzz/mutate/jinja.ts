/** Changes of chat templates: pieces of Jinja put in, taken out, moved and wrapped around what is there. */
import type { Random } from '../../engine/random.ts';
import { pick } from '../generate.ts';
import { joined, type Mutator, utf8 } from '../target.ts';
import { spellings } from './numbers.ts';

const expressions = [
	...[
		'messages',
		'message',
		'loop',
		'loop.index0',
		'none',
		'[]',
		'{}',
		'"a"',
		'tools',
		'bos_token',
	],
	...['messages[0]', 'messages[::-1]', 'messages[1:]', 'range(1000000000)', 'range(0, 9, 0)'],
	...['range(30000)', '[1] * 9', '"a" * 1000000', '10 ** 300', '1 / 0', '-1', 'namespace(a=[1])'],
	...[
		'a.b.c',
		'a()',
		'x | length',
		'messages | tojson',
		'"x" | indent(99999999)',
		'messages | string',
	],
	...['[1, [2, [3]]] | tojson(indent=100000000)', 'messages | map(attribute="content") | join("")'],
	...['"aaa".replace("", "bbbb")', '"a b".split("")', 'strftime_now("%d")', 'raise_exception("x")'],
	...[
		'self',
		'__proto__',
		'messages.__proto__',
		'"".constructor',
		'{"__proto__": 1}',
		'true',
		'1.5',
	],
];

const blocks: readonly (readonly [string, string])[] = [
	['{% for i in range(1000) %}', '{% endfor %}'],
	['{% for message in messages %}', '{% endfor %}'],
	['{% macro f(x) %}', '{{ f(x) }}{% endmacro %}{{ f(1) }}'],
	['{% if messages %}', '{% else %}b{% endif %}'],
	['{% set x %}', '{% endset %}{{ x }}'],
	['{% set x = "', '" %}{% set x = x + x %}{{ x }}'],
	['{% filter upper %}', '{% endfilter %}'],
	['{% generation %}', '{% endgeneration %}'],
	['{% call f(1) %}', '{% endcall %}'],
	['{% raw %}', '{% endraw %}'],
	['{#', '#}'],
	['{{-', '-}}'],
	['(', ')'],
];

const double =
	'{% set ns = namespace(a=[1]) %}{% for i in range(40) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}';

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A place between two tags or in one of them. */
function place(text: string, random: Random): number {
	const found = [...text.matchAll(/\{[%{]|[%}]\}| /g)];
	return found.length === 0 ? random.integer(text.length + 1) : pick(random, found).index;
}

const insert: Mutator = (bytes, random) => {
	const text = decode(bytes);
	const at = place(text, random);
	const kind = random.next();
	const expression = pick(random, expressions);
	const pieces = [`{{ ${expression} }}`, ` ${expression}`, `{% set x = ${expression} %}`, double];
	const piece = kind < 0.9 ? pick(random, pieces) : ` ${pick(random, spellings)} `;
	return utf8(text.slice(0, at) + piece + text.slice(at));
};

const wrap: Mutator = (bytes, random) => {
	const text = decode(bytes);
	const [from = 0, to = 0] = [place(text, random), place(text, random)].sort((a, b) => a - b);
	const [open, close] = pick(random, blocks);
	const times = random.next() < 0.05 ? pick(random, [100, 5000]) : 1 + random.integer(3);
	const inner = text.slice(from, to);
	return utf8(
		text.slice(0, from) + open.repeat(times) + inner + close.repeat(times) + text.slice(to),
	);
};

/** One tag or expression in place of another. */
const replace: Mutator = (bytes, random) => {
	const text = decode(bytes);
	const found = [...text.matchAll(/[a-z_]\w*(?:\.\w+)*|"[^"]*"/g)];
	if (found.length === 0) return bytes;
	const { index, 0: old } = pick(random, found);
	return utf8(text.slice(0, index) + pick(random, expressions) + text.slice(index + old.length));
};

const many: Mutator = (bytes, random) => {
	if (random.next() > 0.05) return bytes;
	const run = pick(random, [
		'{{ a }}',
		'{',
		'{% if a %}',
		'-',
		' ',
		'a.',
		'[',
		'"',
		"{{ '",
		'\n',
		'not ',
	]);
	const at = random.integer(bytes.length + 1);
	return joined([bytes.subarray(0, at), utf8(run.repeat(10_000)), bytes.subarray(at)]);
};

export const jinjaMutators: readonly Mutator[] = [
	insert,
	insert,
	wrap,
	wrap,
	replace,
	replace,
	many,
];
