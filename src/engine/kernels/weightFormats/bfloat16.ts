/** Rounding to bfloat16, the upper half of a float32. */
import type { AdamWStep } from '../../ops.ts';
import { randomBits, seedKey } from '../../random.ts';

/** Upper half of the bits of a float32, rounded to the nearest, ties to even; NaN stays NaN. */
export function bfloat16Bits(bits: number): number {
	if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
	return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The nearest bfloat16. */
export function toBfloat16(x: number): number {
	float[0] = x;
	word[0] = bfloat16Bits(word[0]!) << 16;
	return float[0];
}

/** How the slow update rounds element i of a parameter. */
export function parameterRounding(rounding: AdamWStep['rounding']) {
	const rounded = (x: number, i: number): number => {
		if (rounding === undefined || !Number.isFinite(x)) return x;
		float[0] = x;
		if (rounding.seed === null) word[0] = bfloat16Bits(word[0]!) << 16;
		// Up with the probability of what is cut off.
		else word[0] = (word[0]! + (randomBits(rounding.seed, i) & 0xffff)) & 0xffff0000;
		return float[0];
	};
	return {
		rounded,
		/** Decay after the step: the nearest is taken of the step, too, as bitsandbytes does. */
		decayed: (x: number, keep: number, i: number): number =>
			rounded((rounding?.seed === null ? rounded(x, i) : x) * keep, i),
	};
}

/** What the kernels are given of it: see rounding.wgsl. */
export const roundingParameters = (rounding: AdamWStep['rounding']): readonly [number, number] => {
	if (rounding === undefined) return [0, 0];
	return rounding.seed === null ? [1, 0] : [2, seedKey(rounding.seed)];
};
