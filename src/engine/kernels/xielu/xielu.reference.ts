/**
 * xIELU (Huang and Schlag 2024), as `XIELUActivation` of transformers: P = softplus(alphaP), N = beta + softplus(alphaN);
 * P x² + beta x where x > 0, else N (e^min(x, epsilon) - 1 - x) + beta x.
 */

type Values = ArrayLike<number>;

export interface XieluNumbers {
	/** Before softplus. */
	readonly alphaP: number;
	readonly alphaN: number;
	readonly beta: number;
	readonly epsilon: number;
}

const softplus = (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const bend = (x: number, epsilon: number) => Math.expm1(Math.min(x, epsilon)) - x;

export function xielu(x: Values, { alphaP, alphaN, beta, epsilon }: XieluNumbers): Float32Array {
	const [p, n] = [softplus(alphaP), beta + softplus(alphaN)];
	return Float32Array.from(
		x,
		(value) => (value > 0 ? p * value ** 2 : n * bend(value, epsilon)) + beta * value,
	);
}

/** dOut times 2 P x + beta where x > 0, else times N (e^x - 1) + beta. */
export function xieluBackward(
	dOut: Values,
	x: Values,
	{ alphaP, alphaN, beta }: XieluNumbers,
): Float32Array {
	const [p, n] = [softplus(alphaP), beta + softplus(alphaN)];
	return Float32Array.from(
		x,
		(value, i) => dOut[i]! * ((value > 0 ? 2 * p * value : n * Math.expm1(value)) + beta),
	);
}

/** Of each row of `width`: what it adds to the gradients of alphaP and alphaN. */
export function xieluBackwardAlphas(
	dOut: Values,
	x: Values,
	width: number,
	{ alphaP, alphaN, epsilon }: XieluNumbers,
): { alphaP: Float32Array; alphaN: Float32Array } {
	const rows = x.length / width;
	const sums = { alphaP: new Float64Array(rows), alphaN: new Float64Array(rows) };
	for (let i = 0; i < x.length; i++) {
		const [value, row] = [x[i]!, Math.floor(i / width)];
		if (value > 0) sums.alphaP[row]! += dOut[i]! * value ** 2 * sigmoid(alphaP);
		else sums.alphaN[row]! += dOut[i]! * bend(value, epsilon) * sigmoid(alphaN);
	}
	return { alphaP: Float32Array.from(sums.alphaP), alphaN: Float32Array.from(sums.alphaN) };
}
