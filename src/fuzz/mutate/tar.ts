/** Changes of tar archives behind the checksum of a header, which is put right. */
import type { Random } from '../../engine/random.ts';
import { tarBlock, tarChecksum } from '../../weights/tar.ts';
import { pick } from '../generate.ts';
import { joined, type Mutator, utf8 } from '../target.ts';

/** Fields of a header: place and what may stand there. */
const fields: readonly (readonly [at: number, texts: readonly string[]])[] = [
	[
		0,
		[
			'../../x',
			'/etc/x',
			'__proto__',
			'a/./b',
			'a'.repeat(100),
			'',
			'library.json',
			'..',
			'\u0000',
		],
	],
	[
		124,
		[
			'77777777777',
			'00000000000',
			'99999999999',
			'-0000000001',
			'           ',
			'\u0080',
			'00000001000',
		],
	],
	[156, ['0', '1', '2', '5', '7', 'x', 'g', 'L', 'K', '\u0000', 'S']],
	[257, ['ustar\u000000', 'ustar  \u0000', '\u0000\u0000\u0000\u0000\u0000']],
	[345, ['prefix', '..', '/']],
];

const header: Mutator = (bytes, random) => {
	const copy = bytes.slice();
	const blocks = Math.floor(copy.length / tarBlock);
	if (blocks === 0) return bytes;
	const block = copy.subarray(random.integer(blocks) * tarBlock).subarray(0, tarBlock);
	const [at, texts] = pick(random, fields);
	const text = Uint8Array.from(pick(random, texts), (character) => character.charCodeAt(0));
	block.set(text, at);
	// A number in base 256.
	if (at === 124 && random.next() < 0.3) block.set(bits(random), at);
	block.set(utf8(`${tarChecksum(block).toString(8).padStart(6, '0')}\0 `), 148);
	return copy;
};

const bits = (random: Random): Uint8Array =>
	Uint8Array.from({ length: 12 }, (_, place) =>
		place === 0 ? 0x80 : pick(random, [0, 0, 1, 255]),
	);

/** A block twice, or not at all. */
const block: Mutator = (bytes, random) => {
	const at = random.integer(Math.floor(bytes.length / tarBlock) + 1) * tarBlock;
	const times = pick(random, [0, 2, 3]);
	const one = bytes.subarray(at, at + tarBlock);
	return joined([
		bytes.subarray(0, at),
		...Array.from({ length: times }, () => one),
		bytes.subarray(at + tarBlock),
	]);
};

export const tarMutators: readonly Mutator[] = [header, header, header, block];
