/** SwiGLU gate (Shazeer 2020): silu(gate) * up, silu(x) = x * sigmoid(x). */

type Values = ArrayLike<number>;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function swiglu(gate: Values, up: Values): Float32Array {
	return Float32Array.from(
		{ length: gate.length },
		(_, i) => gate[i]! * sigmoid(gate[i]!) * up[i]!,
	);
}

/** dGate = dOut * up * s * (1 + gate * (1 - s)), dUp = dOut * gate * s, s = sigmoid(gate). */
export function swigluBackward(dOut: Values, gate: Values, up: Values) {
	const dGate = new Float32Array(gate.length);
	const dUp = new Float32Array(gate.length);
	for (let i = 0; i < gate.length; i++) {
		const g = gate[i]!;
		const s = sigmoid(g);
		dGate[i] = dOut[i]! * up[i]! * s * (1 + g * (1 - s));
		dUp[i] = dOut[i]! * g * s;
	}
	return { dGate, dUp };
}
