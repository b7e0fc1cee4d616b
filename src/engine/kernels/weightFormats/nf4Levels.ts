/** The 16 values of NF4: quantiles of a normal distribution, with 0 among them (Dettmers et al. 2023, QLoRA, appendix E). */
export const nf4Levels = Float32Array.of(
	-1,
	-0.6961928009986877,
	-0.5250730514526367,
	-0.39491748809814453,
	-0.28444138169288635,
	-0.18477343022823334,
	-0.09105003625154495,
	0,
	0.07958029955625534,
	0.16093020141124725,
	0.24611230194568634,
	0.33791524171829224,
	0.44070982933044434,
	0.5626170039176941,
	0.7229568362236023,
	1,
);

const midpoints = nf4Levels.subarray(1).map((level, i) => (level + nf4Levels[i]!) / 2);

/** Number of the level nearest to x, the lower one of two equally near. */
export function nearestLevel(x: number): number {
	let code = 0;
	for (let step = 8; step > 0; step >>= 1) if (x > midpoints[code + step - 1]!) code += step;
	return code;
}
