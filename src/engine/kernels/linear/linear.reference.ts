/** Products of a linear layer with weight [out, in], summed in float64. */

type Values = ArrayLike<number>;

/** y[r, o] = sum_i x[r, i] * weight[o, i] (+ bias[o]) (+ residual[r, o]). */
export function linear(
	x: Values,
	weight: Values,
	[rows, inputs, outputs]: readonly [number, number, number],
	bias?: Values | null,
	residual?: Values | null,
): Float32Array {
	const y = new Float32Array(rows * outputs);
	for (let r = 0; r < rows; r++)
		for (let o = 0; o < outputs; o++) {
			let sum = (bias?.[o] ?? 0) + (residual?.[r * outputs + o] ?? 0);
			for (let i = 0; i < inputs; i++) sum += x[r * inputs + i]! * weight[o * inputs + i]!;
			y[r * outputs + o] = sum;
		}
	return y;
}

/** dx[r, i] = sum_o dy[r, o] * weight[o, i]. */
export function linearBackwardInput(
	dy: Values,
	weight: Values,
	[rows, inputs, outputs]: readonly [number, number, number],
): Float32Array {
	const dx = new Float32Array(rows * inputs);
	for (let r = 0; r < rows; r++) {
		const sums = new Float64Array(inputs);
		for (let o = 0; o < outputs; o++) {
			const factor = dy[r * outputs + o]!;
			for (let i = 0; i < inputs; i++) sums[i]! += factor * weight[o * inputs + i]!;
		}
		dx.set(sums, r * inputs);
	}
	return dx;
}

/** dWeight[o, i] = sum_r dy[r, o] * x[r, i]. */
export function linearBackwardWeight(
	dy: Values,
	x: Values,
	[rows, inputs, outputs]: readonly [number, number, number],
): Float32Array {
	const dWeight = new Float32Array(outputs * inputs);
	for (let o = 0; o < outputs; o++)
		for (let i = 0; i < inputs; i++) {
			let sum = 0;
			for (let r = 0; r < rows; r++) sum += dy[r * outputs + o]! * x[r * inputs + i]!;
			dWeight[o * inputs + i] = sum;
		}
	return dWeight;
}

/** dBias[o] = sum_r dy[r, o]. */
export function sumRows(dy: Values, rows: number, width: number): Float32Array {
	return Float32Array.from({ length: width }, (_, o) => {
		let sum = 0;
		for (let r = 0; r < rows; r++) sum += dy[r * width + o]!;
		return sum;
	});
}
