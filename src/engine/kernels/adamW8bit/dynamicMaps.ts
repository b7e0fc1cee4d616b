/**
 * The dynamic maps of 8-bit optimizer states (Dettmers et al. 2022, 8-bit Optimizers via Block-wise Quantization), as
 * bitsandbytes' create_dynamic_map builds them: what a code stands for, as a share of its block's largest magnitude.
 */

/** Values of a map: as many as a code of 8 bits tells apart. */
export const mapSize = 256;
const decades = 7;

/** Middles of `count` equal parts of 0.1 to 1, rounded as by torch.linspace: from the nearer end, fused. */
function middles(count: number): number[] {
	const { fround } = Math;
	const step = fround((1 - fround(0.1)) / count);
	const boundary = (i: number) =>
		fround(i < (count + 1) / 2 ? fround(0.1) + step * i : 1 - step * (count - i));
	return Array.from({ length: count }, (_, i) => fround((boundary(i) + boundary(i + 1)) / 2));
}

/** `parts(decade)` values of each sign in every decade from 1e-7 up, 0 and 1, ascending. */
function dynamicMap(parts: (decade: number) => number, signs: readonly number[]): number[] {
	const values = [0, 1];
	for (let decade = 0; decade < decades; decade++) {
		const scale = Math.fround(10 ** (decade - decades + 1));
		for (const middle of middles(parts(decade)))
			for (const sign of signs) values.push(sign * scale * middle);
	}
	return values.sort((a, b) => a - b);
}

/** f32 [512]: the signed map of first moments, then the unsigned one of second moments; both ascending. */
export function dynamicMaps(): Float32Array {
	const signed = dynamicMap((decade) => 2 ** decade, [1, -1]);
	const unsigned = dynamicMap((decade) => 2 ** (decade + 1), [1]);
	return Float32Array.from([...signed, ...unsigned]);
}

/** Code of the value nearest to x, the lower one of two equally near; `map` is one of the two. */
export function nearestCode(map: Float32Array, x: number): number {
	let low = 0;
	let high = map.length - 1;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (map[middle]! <= x) low = middle;
		else high = middle;
	}
	return Math.abs(map[high]! - x) < Math.abs(map[low]! - x) ? high : low;
}
