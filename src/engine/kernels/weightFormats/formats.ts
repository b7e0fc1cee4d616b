/**
 * Matrices in fewer bits, as they lie in memory: 32-bit words. bf16: two elements per word, the earlier one in the lower
 * half. int8 and nf4: blocks of 64 elements of the flattened matrix, the first word of each its scale as the bits of a
 * float32, then the codes, the first in the lowest bits. A last block that is not full is filled up with zeros.
 */
import type { WeightFormat } from '../../../contract/precision.ts';
import { namedError } from '../../../contract/errors.ts';
import { bfloat16Bits } from './bfloat16.ts';
import { nearestLevel, nf4Levels } from './nf4Levels.ts';

type PackedFormat = Exclude<WeightFormat, 'f32'>;

const blockSize = 64;

/** Words of a block with its scale. */
const wordsPerBlock = { int8: 1 + blockSize / 4, nf4: 1 + blockSize / 8 };

/** 32-bit words of `size` elements. */
export function formatWords(format: WeightFormat, size: number): number {
	if (format === 'f32') return size;
	if (format === 'bf16') return Math.ceil(size / 2);
	return Math.ceil(size / blockSize) * wordsPerBlock[format];
}

/** Throws `BadInput` naming the element where a value that is not finite should go into `int8` or `nf4`. */
export function encodeWeights(values: Float32Array, format: PackedFormat): Uint32Array {
	const words = new Uint32Array(formatWords(format, values.length));
	if (format === 'bf16') {
		const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
		const halves = new Uint16Array(words.buffer);
		for (let i = 0; i < bits.length; i++) halves[i] = bfloat16Bits(bits[i]!);
		return words;
	}
	const stride = wordsPerBlock[format];
	const scales = new Float32Array(words.buffer);
	for (let block = 0; block * blockSize < values.length; block++) {
		const start = block * blockSize;
		const part = values.subarray(start, start + blockSize);
		const largest = largestOf(part, start, format);
		const scale = format === 'int8' ? Math.fround(largest / 127) : largest;
		scales[block * stride] = scale;
		const codes = new Uint8Array(words.buffer, (block * stride + 1) * 4, (stride - 1) * 4);
		if (format === 'int8') encodeBytes(part, scale, codes);
		else encodeNibbles(part, scale, codes);
	}
	return words;
}

function largestOf(values: Float32Array, start: number, format: PackedFormat): number {
	let largest = 0;
	for (const [i, value] of values.entries()) {
		if (!Number.isFinite(value))
			throw namedError('BadInput', `element ${start + i} is ${value}, which ${format} cannot hold`);
		largest = Math.max(largest, Math.abs(value));
	}
	return largest;
}

function encodeBytes(values: Float32Array, scale: number, codes: Uint8Array): void {
	if (scale === 0) return;
	for (let i = 0; i < values.length; i++)
		codes[i] = Math.max(-127, Math.min(127, Math.round(values[i]! / scale)));
}

function encodeNibbles(values: Float32Array, scale: number, codes: Uint8Array): void {
	// Code 7 stands for zero.
	codes.fill(0x77);
	if (scale === 0) return;
	for (let i = 0; i < values.length; i++) {
		const shift = 4 * (i % 2);
		const code = nearestLevel(values[i]! / scale);
		codes[i >> 1] = (codes[i >> 1]! & ~(15 << shift)) | (code << shift);
	}
}

/** The `size` values that words stand for. */
export function decodeWeights(
	words: Uint32Array,
	format: PackedFormat,
	size: number,
): Float32Array {
	const values = new Float32Array(size);
	if (format === 'bf16') {
		const halves = new Uint16Array(words.buffer, words.byteOffset, size);
		const bits = new Uint32Array(values.buffer);
		for (let i = 0; i < size; i++) bits[i] = halves[i]! << 16;
		return values;
	}
	const stride = wordsPerBlock[format];
	const scales = new Float32Array(words.buffer, words.byteOffset, words.length);
	const bytes = new Int8Array(words.buffer, words.byteOffset, words.length * 4);
	for (let i = 0; i < size; i++) {
		const start = Math.floor(i / blockSize) * stride;
		const within = i % blockSize;
		const codes = (start + 1) * 4;
		const level =
			format === 'int8'
				? bytes[codes + within]!
				: nf4Levels[(bytes[codes + (within >> 1)]! >> (4 * (within % 2))) & 15]!;
		values[i] = level * scales[start]!;
	}
	return values;
}

/** Values as they come back from a format. */
export const asStored = (values: Float32Array, format: WeightFormat): Float32Array =>
	format === 'f32' ? values : decodeWeights(encodeWeights(values, format), format, values.length);
