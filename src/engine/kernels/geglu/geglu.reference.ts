/** GeGLU (Shazeer 2020) with GELU by the tangent: gelu(gate) * up, gelu(x) = x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))) / 2. */

type Values = ArrayLike<number>;

const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

const tangent = (x: number) => Math.tanh(root * (x + cubic * x ** 3));
const gelu = (x: number) => 0.5 * x * (1 + tangent(x));

/** gelu'(x) = (1 + t + x (1 - t²) sqrt(2/pi) (1 + 3 * 0.044715 x²)) / 2, t the tangent. */
const slope = (x: number) => {
	const t = tangent(x);
	return 0.5 * (1 + t + x * (1 - t * t) * root * (1 + 3 * cubic * x * x));
};

export const geglu = (gate: Values, up: Values): Float32Array =>
	Float32Array.from({ length: gate.length }, (_, i) => gelu(gate[i]!) * up[i]!);

export const gegluBackward = (dOut: Values, gate: Values, up: Values) => ({
	dGate: Float32Array.from(gate, (x, i) => dOut[i]! * up[i]! * slope(x)),
	dUp: Float32Array.from(gate, (x, i) => dOut[i]! * gelu(x)),
});
