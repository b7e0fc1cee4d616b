/**
 * nf4 with its scales in 8 bits (double quantisation: Dettmers et al. 2023, QLoRA, section 3; bitsandbytes'
 * compress_statistics): less their mean, blocks of 256 scales are shares of their largest magnitude, to the nearest
 * value of the signed dynamic map.
 *
 * In memory, 32-bit words: mean, first word of the scales' codes, first word of the elements' codes, one unused; the 256
 * values of the map; the largest magnitude of every 256 scales; codes of the scales, four per word; codes of the
 * elements, eight words per block of 64. A window of a matrix is quantised by itself.
 */
import { dynamicMaps, mapSize, nearestCode } from '../adamW8bit/dynamicMaps.ts';
import { blockLargest, blockSize, encodeNibbles, levelAt } from './blocks.ts';

const scalesPerGroup = 256;
const mapAt = 4;
const largestAt = mapAt + mapSize;
const wordsPerBlock = blockSize / 8;

function layoutOf(size: number) {
	const blocks = Math.ceil(size / blockSize);
	const scalesAt = largestAt + Math.ceil(blocks / scalesPerGroup);
	const codesAt = scalesAt + Math.ceil(blocks / 4);
	return { blocks, scalesAt, codesAt, words: codesAt + blocks * wordsPerBlock };
}

/** 32-bit words of `size` elements. */
export const doubleWords = (size: number): number => layoutOf(size).words;

export function encodeDouble(values: Float32Array): Uint32Array {
	const { blocks, scalesAt, codesAt, words: count } = layoutOf(values.length);
	const words = new Uint32Array(count);
	const floats = new Float32Array(words.buffer);
	const bytes = new Uint8Array(words.buffer);
	const map = dynamicMaps().subarray(0, mapSize);
	const scales = blockLargest(values);
	const mean = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / blocks);
	words.set([0, scalesAt, codesAt]);
	floats[0] = mean;
	floats.set(map, mapAt);
	for (let start = 0; start < blocks; start += scalesPerGroup) {
		const group = scales.subarray(start, start + scalesPerGroup).map((scale) => scale - mean);
		const largest = group.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
		floats[largestAt + start / scalesPerGroup] = largest;
		for (const [i, difference] of group.entries())
			bytes[4 * scalesAt + start + i] = nearestCode(map, largest === 0 ? 0 : difference / largest);
	}
	for (let block = 0; block < blocks; block++) {
		const part = values.subarray(block * blockSize, (block + 1) * blockSize);
		const at = 4 * (codesAt + block * wordsPerBlock);
		encodeNibbles(part, scales[block]!, bytes.subarray(at, at + 4 * wordsPerBlock));
	}
	return words;
}

/** The `size` values that words stand for. */
export function decodeDouble(words: Uint32Array, size: number): Float32Array {
	const { blocks, scalesAt, codesAt } = layoutOf(size);
	const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
	const bytes = new Uint8Array(words.buffer, words.byteOffset, 4 * words.length);
	const values = new Float32Array(size);
	for (let block = 0; block < blocks; block++) {
		const share = floats[mapAt + bytes[4 * scalesAt + block]!]!;
		const largest = floats[largestAt + Math.floor(block / scalesPerGroup)]!;
		const scale = Math.fround(share * largest) + floats[0]!;
		const codes = bytes.subarray(4 * (codesAt + block * wordsPerBlock));
		const start = block * blockSize;
		for (let i = 0; i < Math.min(blockSize, size - start); i++)
			values[start + i] = levelAt(codes, i) * scale;
	}
	return values;
}
