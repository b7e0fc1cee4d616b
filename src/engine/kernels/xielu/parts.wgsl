// Parts of xIELU, before a kernel (xielu.reference.ts).
fn softplus(a: f32) -> f32 {
	return select(log(1.0 + exp(a)), a, a > 15.0);
}

// e^x - 1 - x where x <= 0: near 0 the difference would lose its digits.
fn bend(x: f32) -> f32 {
	let series = x * x * (0.5 + x * (0.16666667 + x * (0.041666667 + x * (0.0083333333 + x * (0.0013888889 + x * 0.0001984127)))));
	return select(exp(x) - 1.0 - x, series, x > -0.5);
}
