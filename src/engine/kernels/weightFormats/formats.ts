/**
 * Matrices in fewer bits, as they lie in memory: 32-bit words. bf16: two elements per word, the earlier one in the lower
 * half. int8 and nf4: blocks of 64 elements of the flattened matrix, the first word of each its scale as the bits of a
 * float32, then the codes, the first in the lowest bits. A last block that is not full is filled up with zeros.
 * nf4-double: nf4Double.ts.
 */
import type { WeightFormat } from '../../../contract/precision.ts';
import { namedError } from '../../../contract/errors.ts';
import { bfloat16Bits } from './bfloat16.ts';
import { blockLargest, blockSize, encodeBytes, encodeNibbles, levelAt } from './blocks.ts';
import { decodeDouble, doubleWords, encodeDouble } from './nf4Double.ts';

type PackedFormat = Exclude<WeightFormat, 'f32'>;

/** Words of a block with its scale. */
const wordsPerBlock = { int8: 1 + blockSize / 4, nf4: 1 + blockSize / 8 };

/** 32-bit words of `size` elements. */
export function formatWords(format: WeightFormat, size: number): number {
	if (format === 'f32') return size;
	if (format === 'bf16') return Math.ceil(size / 2);
	if (format === 'nf4-double') return doubleWords(size);
	return Math.ceil(size / blockSize) * wordsPerBlock[format];
}

/**
 * Throws `BadInput` naming row and column of the first of `values` [rows, width] that a format cannot hold: scales would
 * not be finite in `int8` and `nf4`; that of the very largest floats in `int8` is rounded up to what 127 times is not.
 */
export function checkValues(values: Float32Array, width: number, format: PackedFormat): void {
	if (format === 'bf16') return;
	const held = (value: number) =>
		format === 'int8' ? Math.fround(127 * Math.fround(value / 127)) : value;
	for (let i = 0; i < values.length; i++)
		if (!Number.isFinite(held(values[i]!)))
			throw namedError(
				'BadInput',
				`row ${Math.floor(i / width)}, column ${i % width} is ${values[i]!}, which ${format} cannot hold`,
			);
}

/** Words of finite values. */
export function encodeWeights(values: Float32Array, format: PackedFormat): Uint32Array {
	if (format === 'nf4-double') return encodeDouble(values);
	const words = new Uint32Array(formatWords(format, values.length));
	if (format === 'bf16') {
		const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
		const halves = new Uint16Array(words.buffer);
		for (let i = 0; i < bits.length; i++) halves[i] = bfloat16Bits(bits[i]!);
		return words;
	}
	const stride = wordsPerBlock[format];
	const scales = new Float32Array(words.buffer);
	for (const [block, largest] of blockLargest(values).entries()) {
		const part = values.subarray(block * blockSize, (block + 1) * blockSize);
		const scale = format === 'int8' ? Math.fround(largest / 127) : largest;
		scales[block * stride] = scale;
		const codes = new Uint8Array(words.buffer, (block * stride + 1) * 4, (stride - 1) * 4);
		if (format === 'int8') encodeBytes(part, scale, codes);
		else encodeNibbles(part, scale, codes);
	}
	return words;
}

/** The `size` values that words stand for. */
export function decodeWeights(
	words: Uint32Array,
	format: PackedFormat,
	size: number,
): Float32Array {
	if (format === 'nf4-double') return decodeDouble(words, size);
	const values = new Float32Array(size);
	if (format === 'bf16') {
		const halves = new Uint16Array(words.buffer, words.byteOffset, size);
		const bits = new Uint32Array(values.buffer);
		for (let i = 0; i < size; i++) bits[i] = halves[i]! << 16;
		return values;
	}
	const stride = wordsPerBlock[format];
	const scales = new Float32Array(words.buffer, words.byteOffset, words.length);
	for (let start = 0; start < size; start += blockSize) {
		const block = (start / blockSize) * stride;
		const at = words.byteOffset + (block + 1) * 4;
		const bytes = new Int8Array(words.buffer, at, (stride - 1) * 4);
		const nibbles = new Uint8Array(words.buffer, at, (stride - 1) * 4);
		for (let i = 0; i < Math.min(blockSize, size - start); i++)
			values[start + i] = (format === 'int8' ? bytes[i]! : levelAt(nibbles, i)) * scales[block]!;
	}
	return values;
}

/** Values as they come back from a format. */
export const asStored = (values: Float32Array, format: WeightFormat): Float32Array =>
	format === 'f32' ? values : decodeWeights(encodeWeights(values, format), format, values.length);
