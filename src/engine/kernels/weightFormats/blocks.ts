/** Codes of blocks of 64 elements: shares of the block's largest magnitude. */
import { nearestLevel, nf4Levels } from './nf4Levels.ts';

export const blockSize = 64;

/** Largest magnitude of every block. */
export function blockLargest(values: Float32Array): Float32Array {
	const largest = new Float32Array(Math.ceil(values.length / blockSize));
	for (let i = 0; i < values.length; i++) {
		const block = Math.floor(i / blockSize);
		largest[block] = Math.max(largest[block]!, Math.abs(values[i]!));
	}
	return largest;
}

/** `codes` [64]: the nearest multiples of the scale. */
export function encodeBytes(values: Float32Array, scale: number, codes: Uint8Array): void {
	if (scale === 0) return;
	for (let i = 0; i < values.length; i++)
		codes[i] = Math.max(-127, Math.min(127, Math.round(values[i]! / scale)));
}

/** `codes` [32]: numbers of the nearest levels, the earlier element in the lower half. */
export function encodeNibbles(values: Float32Array, scale: number, codes: Uint8Array): void {
	// Code 7 stands for zero.
	codes.fill(0x77);
	if (scale === 0) return;
	for (let i = 0; i < values.length; i++) {
		const shift = 4 * (i % 2);
		const code = nearestLevel(values[i]! / scale);
		codes[i >> 1] = (codes[i >> 1]! & ~(15 << shift)) | (code << shift);
	}
}

/** The level of element i among `codes`. */
export const levelAt = (codes: Uint8Array, i: number): number =>
	nf4Levels[(codes[i >> 1]! >> (4 * (i % 2))) & 15]!;
