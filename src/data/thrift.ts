/**
 * Thrift's compact protocol, in which Parquet states what it holds, walked without making anything of it. hyparquet
 * (1.31.5) makes lists as long as they are said to be, takes whole numbers of any length, and follows structures as deep
 * as they go: this is to be done before.
 */

import { badData } from './text.ts';

/** Parquet's own structures are 7 deep. */
const deepest = 32;

/** 64 bits, 7 in a byte. */
const longestNumber = 10;

/** Types of values, and the bytes of those that are always as long. */
const type = { number: [4, 5, 6], binary: 8, list: 9, structure: 12 } as const;
const sizes: ReadonlyMap<number, number> = new Map([
	[1, 0],
	[2, 0],
	[3, 1],
	[7, 8],
]);

interface Walk {
	readonly bytes: Uint8Array;
	at: number;
}

/** A structure that is open, or a list with so many elements left. */
type Open = { readonly element: null } | { readonly element: number; left: number };

/**
 * The end of the structure that begins at `from`. Throws where it is cut off, is nested deeper than any of Parquet's, or
 * has a number that is too long or a list of more elements than there are bytes.
 */
export function endOfStructure(bytes: Uint8Array, from: number): number {
	const walk: Walk = { bytes, at: from };
	const open: Open[] = [{ element: null }];
	for (let top = open.at(-1); top; top = open.at(-1)) {
		const next = top.element === null ? fieldType(walk) : elementType(top);
		if (next === null) open.pop();
		else enter(walk, next, open);
		if (open.length > deepest) throw new Error(`it is nested deeper than ${deepest}`);
	}
	return walk.at;
}

/** The type of the next field; null at the end of the structure. */
function fieldType(walk: Walk): number | null {
	const header = byte(walk);
	if ((header & 15) === 0) return null;
	if (header >> 4 === 0) number(walk);
	return header & 15;
}

function elementType(list: Extract<Open, { left: number }>): number | null {
	if (list.left === 0) return null;
	list.left--;
	return list.element;
}

/** Moves over a value, or into it. */
function enter(walk: Walk, of: number, open: Open[]): void {
	const size = sizes.get(of);
	if (size !== undefined) skip(walk, size);
	else if (type.number.some((one) => one === of)) number(walk);
	else if (of === type.binary) skip(walk, number(walk));
	else if (of === type.structure) open.push({ element: null });
	else if (of === type.list) open.push(list(walk));
	else throw new Error(`it has a value of type ${of}, which Parquet does not use`);
}

function list(walk: Walk): Open {
	const header = byte(walk);
	const left = header >> 4 === 15 ? number(walk) : header >> 4;
	if (left > walk.bytes.length - walk.at)
		throw new Error(
			`it has a list of ${left} values where ${walk.bytes.length - walk.at} bytes are left`,
		);
	const element = header & 15;
	// In a list a truth value is a byte.
	return { element: element === 1 || element === 2 ? 3 : element, left };
}

function byte(walk: Walk): number {
	skip(walk, 1);
	return walk.bytes[walk.at - 1] ?? 0;
}

function number(walk: Walk): number {
	let value = 0;
	for (let place = 0; place < longestNumber; place++) {
		const digit = byte(walk);
		value += (digit & 127) * 2 ** (7 * place);
		if (digit < 128) return value;
	}
	throw new Error(`it has a whole number of more than ${longestNumber} bytes`);
}

function skip(walk: Walk, bytes: number): void {
	if (bytes > walk.bytes.length - walk.at) throw new Error('it is cut off');
	walk.at += bytes;
}

/** Throws `BadInput` where the footer of a Parquet file (its structure, the size of it, `PAR1`) cannot be true. */
export function checkFooter(bytes: Uint8Array, file: string): void {
	const sizeAt = bytes.length - 8;
	try {
		if (sizeAt < 4) throw new Error(`it has ${bytes.length} bytes`);
		const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(sizeAt, true);
		if (size > sizeAt - 4)
			throw new Error(`its footer has ${size} bytes, the file ${bytes.length}`);
		endOfStructure(bytes.subarray(0, sizeAt), sizeAt - size);
	} catch (error) {
		const why = error instanceof Error ? error.message : '';
		throw badData(file, `not a readable Parquet file (${why}); is it complete?`);
	}
}
