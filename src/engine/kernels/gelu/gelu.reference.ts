/** GELU (Hendrycks and Gimpel 2016) by the error function. */

/** x * (1 + erf(x / sqrt 2)) / 2. */
export function gelu(x: ArrayLike<number>): Float32Array {
	return Float32Array.from({ length: x.length }, (_, i) => {
		const value = x[i]!;
		return 0.5 * value * (1 + erf(value * Math.SQRT1_2));
	});
}

/** 2 / sqrt(pi) * e^(-x²) * sum_n 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign (Abramowitz and Stegun 7.1.6). */
function erf(x: number): number {
	if (Math.abs(x) > 6) return Math.sign(x);
	let term = x;
	let sum = 0;
	for (let n = 1; sum + term !== sum; n++) {
		sum += term;
		term *= (2 * x * x) / (2 * n + 1);
	}
	return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
