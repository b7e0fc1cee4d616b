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

export const textMutators: readonly Mutator[] = [cell, cell, cell, header];
