/** Changes that know nothing of the format. */
import type { Random } from '../../engine/random.ts';
import { pick } from '../generate.ts';
import { type Bytes, joined, type Mutator } from '../target.ts';
import { words } from './numbers.ts';

/** A place to cut: often near the beginning or the end, where formats keep what they state. */
function place(bytes: Bytes, random: Random): number {
	const where = random.next();
	const within = random.integer(bytes.length + 1);
	if (where < 0.15) return Math.min(within, random.integer(16));
	return where < 0.3 ? Math.max(0, bytes.length - random.integer(32)) : within;
}

/** Mostly short. */
const stretch = (bytes: Bytes, random: Random): number =>
	1 + Math.floor(random.next() ** 4 * bytes.length);

function replaced(bytes: Bytes, at: number, removed: number, inserted: Uint8Array): Bytes {
	return joined([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

const flip: Mutator = (bytes, random) => {
	const copy = bytes.slice();
	if (copy.length > 0) {
		const at = Math.min(place(bytes, random), copy.length - 1);
		copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
	}
	return copy;
};

const overwrite: Mutator = (bytes, random) =>
	replaced(bytes, place(bytes, random), 1, Uint8Array.of(random.integer(256)));

const insert: Mutator = (bytes, random) => {
	const inserted = Uint8Array.from({ length: 1 + random.integer(8) }, () => random.integer(256));
	return replaced(bytes, place(bytes, random), 0, inserted);
};

const remove: Mutator = (bytes, random) =>
	replaced(bytes, place(bytes, random), stretch(bytes, random), new Uint8Array());

const repeat: Mutator = (bytes, random) => {
	const from = place(bytes, random);
	const part = bytes.subarray(from, from + stretch(bytes, random));
	const times = 1 + Math.floor(random.next() ** 6 * 200);
	return replaced(bytes, from, 0, joined(Array.from({ length: times }, () => part)));
};

/** The beginning of one file, the end of another. */
const splice: Mutator = (bytes, random, other) =>
	joined([bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random))]);

const truncate: Mutator = (bytes, random) => bytes.slice(0, random.integer(bytes.length + 1));

/** A whole number of 1, 2, 4 or 8 bytes, little-endian or big. */
const integer: Mutator = (bytes, random) => {
	const size = pick(random, [1, 2, 4, 4, 8, 8]);
	const number = new DataView(new ArrayBuffer(8));
	const isLittle = random.next() < 0.75;
	number.setBigUint64(0, pick(random, words), isLittle);
	const from = isLittle ? 0 : 8 - size;
	return replaced(bytes, place(bytes, random), size, new Uint8Array(number.buffer, from, size));
};

/** A whole number as Thrift and protocol buffers write it, 7 bits a byte. */
const varint: Mutator = (bytes, random) => {
	const digits: number[] = [];
	let rest = pick(random, words);
	for (; rest > 127n; rest >>= 7n) digits.push(Number(rest & 127n) | 128);
	return replaced(bytes, place(bytes, random), 1, Uint8Array.from([...digits, Number(rest)]));
};

/** Changes of any file. */
export const byteMutators: readonly Mutator[] = [
	...[flip, flip, overwrite, insert, remove, repeat],
	...[splice, truncate, integer, integer, varint],
];
