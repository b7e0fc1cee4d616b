import { expect, test } from 'vitest';
import { decodeInto, encodeBf16, findNotFinite } from './dtype.ts';

function decode(patterns: number[], dtype: 'F16' | 'BF16', offset = 0): number[] {
	const bytes = new Uint8Array(offset + patterns.length * 2);
	patterns.forEach((pattern, i) => {
		bytes[offset + 2 * i] = pattern & 255;
		bytes[offset + 2 * i + 1] = pattern >> 8;
	});
	const values = new Float32Array(patterns.length);
	decodeInto(values, bytes.subarray(offset), dtype);
	return [...values];
}

test('reads binary16: normal, subnormal, signed zero, largest, infinity, NaN', () => {
	const patterns = [0x3c00, 0xc100, 0x0001, 0x03ff, 0x0400, 0x8000, 0x7bff, 0xfc00, 0x7e00];
	expect(decode(patterns, 'F16')).toEqual([
		1,
		-2.5,
		2 ** -24,
		1023 * 2 ** -24,
		2 ** -14,
		-0,
		65504,
		-Infinity,
		NaN,
	]);
});

test('reads bfloat16, also from an odd byte offset', () => {
	const expected = [1, -2.5, 2 ** -133, -0, Infinity];
	const patterns = [0x3f80, 0xc020, 0x0001, 0x8000, 0x7f80];
	expect(decode(patterns, 'BF16')).toEqual(expected);
	expect(decode(patterns, 'BF16', 1)).toEqual(expected);
});

test('rounds to the nearest bfloat16, ties to even', () => {
	const ulp = 2 ** -7;
	const values = [1, -2.5, 1 + ulp / 2, 1 + 1.5 * ulp, 1 + 0.51 * ulp, -0, 2 ** -133, 3.38e38];
	const patterns = [...encodeBf16(Float32Array.from(values))];
	const rounded = [1, -2.5, 1, 1 + 2 * ulp, 1 + ulp, -0, 2 ** -133];
	expect(decode(patterns, 'BF16').slice(0, -1)).toEqual(rounded);
	expect(decode(patterns, 'BF16').at(-1)! / 3.38e38).toBeCloseTo(1, 2);
});

test('finds the first number that is not finite', () => {
	expect(findNotFinite(Float32Array.of(0, 3e38, -3e38))).toBe(-1);
	expect(findNotFinite(Float32Array.of(0, 1, NaN, Infinity))).toBe(2);
	expect(findNotFinite(Float32Array.of(-Infinity))).toBe(0);
});
