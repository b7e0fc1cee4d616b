/** Activations of an mlp on plain arrays. */
import { geglu, gegluBackward } from '../kernels/geglu/geglu.reference.ts';
import { swiglu, swigluBackward } from '../kernels/swiglu/swiglu.reference.ts';
import * as curves from '../kernels/xielu/xielu.reference.ts';
import type { ActivationOps, XieluCurve } from '../activationOps.ts';
import type { Tensor } from '../ops.ts';

type Gradients = typeof swigluBackward;

export const activationOps = ({
	wrap,
	values,
}: {
	readonly wrap: (data: Float32Array, shape: readonly number[]) => Tensor;
	readonly values: (tensor: Tensor) => Float32Array;
}): ActivationOps => {
	const backward = (gradients: Gradients) => (dOut: Tensor, gate: Tensor, up: Tensor) => {
		const { dGate, dUp } = gradients(values(dOut), values(gate), values(up));
		values(gate).set(dGate);
		values(up).set(dUp);
	};
	const numbers = ({ alphaP, alphaN, beta, epsilon }: XieluCurve): curves.XieluNumbers => ({
		alphaP: values(alphaP)[0] ?? NaN,
		alphaN: values(alphaN)[0] ?? NaN,
		beta,
		epsilon,
	});
	return {
		swiglu: (gate, up) => wrap(swiglu(values(gate), values(up)), gate.shape),
		swigluBackwardInPlace: backward(swigluBackward),
		geglu: (gate, up) => wrap(geglu(values(gate), values(up)), gate.shape),
		gegluBackwardInPlace: backward(gegluBackward),
		xielu: (x, curve) => wrap(curves.xielu(values(x), numbers(curve)), x.shape),
		xieluBackwardInPlace: (dOut, x, curve) => {
			values(dOut).set(curves.xieluBackward(values(dOut), values(x), numbers(curve)));
		},
		xieluBackwardAlphas: (dOut, x, curve) => {
			const width = x.shape.at(-1) ?? 1;
			const shape = [x.size / width, 1];
			const of = curves.xieluBackwardAlphas(values(dOut), values(x), width, numbers(curve));
			return { alphaP: wrap(of.alphaP, shape), alphaN: wrap(of.alphaN, shape) };
		},
	};
};
