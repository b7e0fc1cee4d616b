/** Gradients of the trainable parameters, and of nothing else. */
import type { Parameter } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

export interface Gradients {
	/** Whether a gradient of this parameter is asked for. */
	readonly wants: (parameter: Parameter | null) => parameter is Parameter;
	/**
	 * Adds to the gradient of a trainable parameter; does nothing for a frozen one. `compute` gets the gradient
	 * to add to, or undefined the first time, and returns it.
	 */
	add(parameter: Parameter | null, compute: (into: Tensor | undefined) => Tensor): void;
	readonly tensors: ReadonlyMap<string, Tensor>;
	/** Releases all gradients, ready for the next update. */
	clear(): void;
}

export function createGradients(ops: Ops, trainable: ReadonlySet<string>): Gradients {
	const tensors = new Map<string, Tensor>();
	const wants = (parameter: Parameter | null): parameter is Parameter =>
		parameter !== null && trainable.has(parameter.name);
	return {
		wants,
		add(parameter, compute) {
			if (!wants(parameter)) return;
			tensors.set(parameter.name, compute(tensors.get(parameter.name)));
		},
		tensors,
		clear() {
			ops.release(...tensors.values());
			tensors.clear();
		},
	};
}
