/** Changes of binary files that know where lengths and offsets stand, so that what is behind them is reached. */
import { pick } from '../generate.ts';
import { type Bytes, joined, type Mutator, utf8 } from '../target.ts';
import { mutateJson } from './json.ts';
import { words } from './numbers.ts';

const viewOf = (bytes: Bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A copy with one whole number of `size` bytes written at `at`, little-endian. */
function withInteger(bytes: Bytes, at: number, size: number, value: bigint): Bytes {
	const copy = bytes.slice();
	const number = new DataView(new ArrayBuffer(8));
	number.setBigUint64(0, value, true);
	copy.set(new Uint8Array(number.buffer, 0, Math.min(size, copy.length - at)), at);
	return copy;
}

/** The JSON header of safetensors changed, its length put right; sometimes the length alone. */
const header: Mutator = (bytes, random) => {
	if (bytes.length < 8) return bytes;
	if (random.next() < 0.2) return withInteger(bytes, 0, 8, pick(random, words));
	const length = Number(viewOf(bytes).getBigUint64(0, true));
	const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
	const changed = utf8(mutateJson(text, random));
	const start = withInteger(new Uint8Array(8), 0, 8, BigInt(changed.length));
	return joined([start, changed, bytes.subarray(8 + length)]);
};

/** Any offset, size or length the header states, as text. */
const stated: Mutator = (bytes, random) => {
	const text = new TextDecoder('latin1').decode(bytes.subarray(8));
	const found = [...text.slice(0, 4000).matchAll(/\d+/g)];
	if (found.length === 0) return bytes;
	const { index, 0: old } = pick(random, found);
	const near = Number(old) + pick(random, [-8, -4, -1, 1, 4, 8]);
	// As many digits as before, so that the header keeps its length.
	const written = pick(random, [String(near), '9'.repeat(old.length), '0'.repeat(old.length)]);
	const copy = bytes.slice();
	copy.set(utf8(written.padStart(old.length, ' ').slice(-old.length)), 8 + index);
	return copy;
};

export const safetensorsMutators: readonly Mutator[] = [header, header, stated];

/** Where zip keeps numbers, after each kind of signature: bytes from it, and size (APPNOTE 4.3). */
const zipFields: ReadonlyMap<number, readonly (readonly [at: number, size: number])[]> = new Map([
	[
		0x04034b50,
		[
			[6, 2],
			[8, 2],
			[18, 4],
			[22, 4],
			[26, 2],
			[28, 2],
		],
	],
	[
		0x02014b50,
		[
			[8, 2],
			[10, 2],
			[20, 4],
			[24, 4],
			[28, 2],
			[30, 2],
			[32, 2],
			[42, 4],
		],
	],
	[
		0x06054b50,
		[
			[4, 2],
			[8, 2],
			[10, 2],
			[12, 4],
			[16, 4],
			[20, 2],
		],
	],
]);

/** Signatures of a zip archive with their places. */
function signatures(bytes: Bytes): (readonly [at: number, signature: number])[] {
	const view = viewOf(bytes);
	const found: (readonly [number, number])[] = [];
	for (let at = bytes.indexOf(0x50); at >= 0 && at + 4 <= bytes.length;) {
		const signature = view.getUint32(at, true);
		if (zipFields.has(signature)) found.push([at, signature]);
		at = bytes.indexOf(0x50, at + 1);
	}
	return found;
}

const zipField: Mutator = (bytes, random) => {
	const found = signatures(bytes);
	if (found.length === 0) return bytes;
	const [at, signature] = pick(random, found);
	const [offset, size] = pick(random, zipFields.get(signature) ?? []);
	if (at + offset + size > bytes.length) return bytes;
	return withInteger(bytes, at + offset, size, pick(random, words));
};

export const zipMutators: readonly Mutator[] = [zipField, zipField, zipField];

/** The size of a Parquet footer, which stands before the last four bytes. */
const footer: Mutator = (bytes, random) =>
	bytes.length < 8 ? bytes : withInteger(bytes, bytes.length - 8, 4, pick(random, words));

/**
 * A byte of the footer, or of what stands before the first page's data, made another Thrift field or collection: type in
 * the low half, size or step in the high one.
 */
const thrift: Mutator = (bytes, random) => {
	const copy = bytes.slice();
	const isFooter = random.next() < 0.7;
	const within = random.integer(Math.min(isFooter ? 300 : 40, copy.length) + 1);
	const at = isFooter ? copy.length - 9 - within : 4 + within;
	if (at >= 0 && at < copy.length)
		copy[at] = pick(random, [0x19, 0xf9, 0xfc, 0x1c, 0x15, 0x18, 0x00, 0xff, random.integer(256)]);
	return copy;
};

export const parquetMutators: readonly Mutator[] = [thrift, thrift, thrift, footer];
