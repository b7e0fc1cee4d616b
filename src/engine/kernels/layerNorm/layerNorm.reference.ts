/** Layer normalisation (Ba, Kiros and Hinton 2016), summed in float64. */

type Values = ArrayLike<number>;

/** y[r, i] = (x[r, i] - mean_r) / sqrt(mean_i (x[r, i] - mean_r)² + epsilon) * weight[i] + bias[i]. */
export function layerNorm(x: Values, weight: Values, bias: Values, epsilon: number): Float32Array {
	const width = weight.length;
	const y = new Float32Array(x.length);
	for (let start = 0; start < x.length; start += width) {
		let sum = 0;
		for (let i = 0; i < width; i++) sum += x[start + i]!;
		const mean = sum / width;
		let squares = 0;
		for (let i = 0; i < width; i++) squares += (x[start + i]! - mean) ** 2;
		const scale = 1 / Math.sqrt(squares / width + epsilon);
		for (let i = 0; i < width; i++)
			y[start + i] = (x[start + i]! - mean) * scale * weight[i]! + bias[i]!;
	}
	return y;
}
