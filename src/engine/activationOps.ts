/** What stands between the products of an mlp, element by element. */
import type { Tensor } from './ops.ts';

/** Alphas [1] before softplus, and the numbers that do not train. */
export interface XieluCurve {
	readonly alphaP: Tensor;
	readonly alphaN: Tensor;
	readonly beta: number;
	readonly epsilon: number;
}

export interface ActivationOps {
	/** silu(gate) * up. */
	swiglu(gate: Tensor, up: Tensor): Tensor;
	/** Overwrites gate with dGate and up with dUp. */
	swigluBackwardInPlace(dOut: Tensor, gate: Tensor, up: Tensor): void;
	/** gelu(gate) * up, gelu by the tangent (kernels/geglu/geglu.reference.ts). */
	geglu(gate: Tensor, up: Tensor): Tensor;
	/** Overwrites gate with dGate and up with dUp. */
	gegluBackwardInPlace(dOut: Tensor, gate: Tensor, up: Tensor): void;
	/** Of every element of x [rows, width] (kernels/xielu/xielu.reference.ts). */
	xielu(x: Tensor, curve: XieluCurve): Tensor;
	/** Overwrites dOut with dx. */
	xieluBackwardInPlace(dOut: Tensor, x: Tensor, curve: XieluCurve): void;
	/** What each row adds to the gradients of the two alphas, [rows, 1] each. */
	xieluBackwardAlphas(
		dOut: Tensor,
		x: Tensor,
		curve: XieluCurve,
	): { alphaP: Tensor; alphaN: Tensor };
}
