/**
 * How the 8-bit states of one parameter lie in memory: i32 [blocks, 130]. A block of 256 elements has 64 words with the
 * codes of its first moments (lowest byte first), 64 with those of its second moments, then the largest magnitude of
 * either as the bits of a float32. The last block may stand for fewer elements.
 */
import { mapSize } from './dynamicMaps.ts';

export const blockSize = 256;
const codeWords = blockSize / 4;
const wordsPerBlock = 2 * codeWords + 2;

/** Shape of the states of `size` elements. */
export const packedShape = (size: number): readonly [number, number] => [
	Math.ceil(size / blockSize),
	wordsPerBlock,
];

export interface PackedBlock {
	/** [256] */
	readonly firstCodes: Uint8Array;
	/** [256] */
	readonly secondCodes: Uint8Array;
	/** [2]: largest |m|, largest |v|. */
	readonly largest: Float32Array;
}

/** Views of one block of states; writing to them writes the states. */
export function packedBlock(packed: Int32Array, block: number): PackedBlock {
	const start = packed.byteOffset + block * wordsPerBlock * 4;
	return {
		firstCodes: new Uint8Array(packed.buffer, start, blockSize),
		secondCodes: new Uint8Array(packed.buffer, start + blockSize, blockSize),
		largest: new Float32Array(packed.buffer, start + 2 * blockSize, 2),
	};
}

/** The moments that states of `size` elements stand for. */
export function dequantise(
	packed: Int32Array,
	maps: Float32Array,
	size: number,
): { m: Float32Array; v: Float32Array } {
	const m = new Float32Array(size);
	const v = new Float32Array(size);
	for (let start = 0; start < size; start += blockSize) {
		const { firstCodes, secondCodes, largest } = packedBlock(packed, start / blockSize);
		for (let i = 0; i < Math.min(blockSize, size - start); i++) {
			m[start + i] = maps[firstCodes[i]!]! * largest[0]!;
			v[start + i] = maps[mapSize + secondCodes[i]!]! * largest[1]!;
		}
	}
	return { m, v };
}
