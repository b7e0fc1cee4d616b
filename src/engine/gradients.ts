/** Gradients of the trainable parameters, and of nothing else. */
import type { Parameter } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

export interface FusedUpdate {
	/** Whether this parameter is one of those; it trains, then. */
	takes(parameter: Parameter): boolean;
	/** The whole gradient is dyᵀ x, and backward needs the parameter no more. */
	update(name: string, dy: Tensor, x: Tensor): void;
}

export interface Gradients {
	/** Whether a gradient of this parameter is asked for. */
	readonly wants: (parameter: Parameter | null) => parameter is Parameter;
	/**
	 * Adds to the gradient of a trainable parameter; does nothing for a frozen one. `compute` gets the gradient
	 * to add to, or undefined the first time, and returns it. `whole`: nothing of this micro-batch is still to come, and
	 * backward needs the parameter no more: it may change in this call.
	 */
	add(
		parameter: Parameter | null,
		compute: (into: Tensor | undefined) => Tensor,
		whole?: boolean,
	): void;
	/**
	 * As `add`, of the weight of a linear layer, for dy [rows, out] at input x [rows, in]: dyᵀ x. Where that is all of its
	 * gradient, the weight may be updated by it instead.
	 */
	addProduct(parameter: Parameter | null, dy: Tensor, x: Tensor, whole?: boolean): void;
	/** How weights of linear layers are updated without a gradient in memory; absent: none is. */
	readonly fused?: FusedUpdate;
	readonly tensors: ReadonlyMap<string, Tensor>;
	/** Releases all gradients, ready for the next update. */
	clear(): void;
}

/**
 * `use`: what is done with a gradient once it is whole, and then it is released; absent: gradients are kept. `fused`:
 * asked about trainable parameters only.
 */
export function createGradients(
	ops: Ops,
	trainable: ReadonlySet<string>,
	use?: (name: string, gradient: Tensor) => void,
	fused?: FusedUpdate,
): Gradients {
	const tensors = new Map<string, Tensor>();
	const wants = (parameter: Parameter | null): parameter is Parameter =>
		parameter !== null && trainable.has(parameter.name);
	const add: Gradients['add'] = (parameter, compute, whole = true) => {
		if (!wants(parameter)) return;
		const { name } = parameter;
		const gradient = compute(tensors.get(name));
		tensors.set(name, gradient);
		if (!whole || use === undefined) return;
		use(name, gradient);
		tensors.delete(name);
		ops.release(gradient);
	};
	return {
		wants,
		add,
		addProduct(parameter, dy, x, whole = true) {
			if (whole && wants(parameter) && !tensors.has(parameter.name) && fused?.takes(parameter))
				fused.update(parameter.name, dy, x);
			else add(parameter, (into) => ops.linearBackwardWeight(dy, x, into), whole);
		},
		...(fused && {
			fused: { ...fused, takes: (parameter) => wants(parameter) && fused.takes(parameter) },
		}),
		tensors,
		clear() {
			ops.release(...tensors.values());
			tensors.clear();
		},
	};
}
