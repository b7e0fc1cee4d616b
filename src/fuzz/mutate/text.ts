/** Changes of tables and lines of text. */
import { pick } from '../generate.ts';
import { joined, type Mutator, utf8 } from '../target.ts';

const pieces: readonly Uint8Array[] = [
	...['"', '""', '"\n', ',', ';', '\t', '|', '\n', '\r', '\r\n', '\n\n', ' ', "'", '\\'].map(utf8),
	...['\u0000', '\ufeff', 'sep=;\n', '#', '=1+1', '@', 'null', 'NaN', '\u2028', '\u0085'].map(utf8),
	...['__proto__', 'constructor', 'toString', '', ',,,,', '[', '{', '[{', '"a":', '1e999'].map(
		utf8,
	),
	// Not UTF-8: a stray byte, a surrogate, a cut sequence.
	Uint8Array.of(0xff),
	Uint8Array.of(0xed, 0xa0, 0x80),
	Uint8Array.of(0xe2, 0x82),
];

/** Puts a piece in, or in place of the cell that is there. */
const cell: Mutator = (bytes, random) => {
	const from = random.integer(bytes.length + 1);
	const isCell = random.next() < 0.5;
	let to = from;
	while (isCell && to < bytes.length && ![10, 13, 44, 59, 9].includes(bytes[to] ?? 10)) to++;
	return joined([bytes.subarray(0, from), pick(random, pieces), bytes.subarray(to)]);
};

/** The name of a column, in the first line. */
const header: Mutator = (bytes, random) => {
	const text = new TextDecoder().decode(bytes);
	const end = text.search(/[\r\n]|$/);
	const names = text.slice(0, end).split(',');
	names[random.integer(names.length)] = pick(random, ['__proto__', 'constructor', '', 'a,b', '"']);
	return utf8(names.join(',') + text.slice(end));
};

/** A line or a cell as often as a file can have it, numbered, so that none is as another. */
const many: Mutator = (bytes, random) => {
	if (random.next() > 0.05) return bytes;
	const [first = '', ...rest] = new TextDecoder().decode(bytes).split('\n');
	const count = 1000 + random.integer(3000);
	const numbered = (text: string, between: string) =>
		Array.from({ length: count }, (_, index) => text + String(index)).join(between);
	const isColumns = random.next() < 0.3;
	const lines = isColumns
		? [numbered(first, ','), ...rest]
		: [first, numbered(rest[0] ?? '', '\n')];
	return utf8(lines.join('\n'));
};

/** White space, quotes or digits without an end: what a pattern may try in every way. */
const long: Mutator = (bytes, random) => {
	if (random.next() > 0.05) return bytes;
	const at = random.integer(bytes.length + 1);
	const run = pick(random, [' ', '\t', '"', ',', '1', '.', '- ', '\r', ' \t', 'a:']).repeat(10_000);
	return joined([bytes.subarray(0, at), utf8(run), bytes.subarray(at)]);
};

export const textMutators: readonly Mutator[] = [cell, cell, cell, header, many, long];
