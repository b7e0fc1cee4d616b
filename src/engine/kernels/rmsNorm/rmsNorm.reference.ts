/** RMSNorm (Zhang and Sennrich 2019) and its gradients, summed in float64. */

type Values = ArrayLike<number>;

/** y[r, i] = x[r, i] * inverseRms[r] * weight[i], inverseRms = 1 / sqrt(mean_i x² + epsilon). */
export function rmsNorm(x: Values, weight: Values, epsilon: number) {
	const width = weight.length;
	const rows = x.length / width;
	const y = new Float32Array(x.length);
	const inverseRms = new Float32Array(rows);
	for (let r = 0; r < rows; r++) {
		let squares = 0;
		for (let i = 0; i < width; i++) squares += x[r * width + i]! ** 2;
		const scale = 1 / Math.sqrt(squares / width + epsilon);
		inverseRms[r] = scale;
		for (let i = 0; i < width; i++) y[r * width + i] = x[r * width + i]! * scale * weight[i]!;
	}
	return { y, inverseRms };
}

/** dx = s * (dy * w - x * s² * mean(dy * w * x)), s = inverseRms of the row. */
export function rmsNormBackward(dy: Values, x: Values, weight: Values, inverseRms: Values) {
	const width = weight.length;
	const dx = new Float32Array(x.length);
	for (let r = 0; r < inverseRms.length; r++) {
		const s = inverseRms[r]!;
		let dot = 0;
		for (let i = 0; i < width; i++) dot += dy[r * width + i]! * weight[i]! * x[r * width + i]!;
		for (let i = 0; i < width; i++) {
			const at = r * width + i;
			dx[at] = s * (dy[at]! * weight[i]! - (x[at]! * s * s * dot) / width);
		}
	}
	return dx;
}

/** dWeight[i] = sum_r dy[r, i] * x[r, i] * inverseRms[r]. */
export function rmsNormBackwardWeight(dy: Values, x: Values, inverseRms: Values, width: number) {
	return Float32Array.from({ length: width }, (_, i) => {
		let sum = 0;
		for (let r = 0; r < inverseRms.length; r++)
			sum += dy[r * width + i]! * x[r * width + i]! * inverseRms[r]!;
		return sum;
	});
}
