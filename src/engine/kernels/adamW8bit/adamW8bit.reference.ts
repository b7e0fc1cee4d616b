/**
 * AdamW with 8-bit states as in bitsandbytes (kOptimizerStatic8bit2StateBlockwise, blocks of 256): weights move by the
 * new moments before these are rounded, and decay after that.
 */
import type { AdamWStep } from '../../ops.ts';
import { parameterRounding } from '../weightFormats/bfloat16.ts';
import { mapSize, nearestCode } from './dynamicMaps.ts';
import { blockSize, dequantise, packedBlock } from './layout.ts';
import { adamW8bitParameters } from './parameters.ts';

/** Updates parameter and packed states in place with the gradient scaled by min(1, clipNorm / (norm + 1e-6)). */
export function adamW8bit(
	parameter: Float32Array,
	gradient: Float32Array,
	packed: Int32Array,
	maps: Float32Array,
	norm: number,
	step: Omit<AdamWStep, 'decay'>,
): void {
	if (!Number.isFinite(norm)) return;
	const { clipNorm } = step;
	const { beta1, share1, beta2, share2, rate, floor, keep } = adamW8bitParameters(step);
	const factor = clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
	const { decayed } = parameterRounding(step.rounding);
	const { m, v } = dequantise(packed, maps, parameter.length);
	for (let i = 0; i < parameter.length; i++) {
		const g = gradient[i]! * factor;
		m[i] = beta1 * m[i]! + share1 * g;
		v[i] = beta2 * v[i]! + share2 * g * g;
		const moved = parameter[i]! - (rate * m[i]!) / (Math.sqrt(v[i]!) + floor);
		parameter[i] = decayed(moved, keep, i);
	}
	for (let start = 0; start < parameter.length; start += blockSize)
		quantise(m.subarray(start, start + blockSize), v.subarray(start, start + blockSize), {
			...packedBlock(packed, start / blockSize),
			maps,
		});
}

function quantise(
	m: Float32Array,
	v: Float32Array,
	to: ReturnType<typeof packedBlock> & { maps: Float32Array },
): void {
	const { firstCodes, secondCodes, largest, maps } = to;
	const signed = maps.subarray(0, mapSize);
	const unsigned = maps.subarray(mapSize);
	largest[0] = m.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
	largest[1] = v.reduce((most, value) => Math.max(most, value), 0);
	for (let i = 0; i < m.length; i++) {
		const code = nearestCode(signed, largest[0] === 0 ? 0 : m[i]! / largest[0]);
		// A first moment never changes its sign by rounding, except from a small positive one to zero.
		const turned = isNegative(signed[code]!) !== isNegative(m[i]!);
		firstCodes[i] = turned ? code + (m[i]! > 0 ? 1 : -1) : code;
		secondCodes[i] = nearestCode(unsigned, largest[1] === 0 ? 0 : v[i]! / largest[1]);
	}
}

const isNegative = (x: number) => x < 0 || Object.is(x, -0);
