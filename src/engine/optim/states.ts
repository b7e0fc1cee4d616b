/** What an optimizer keeps of a parameter, on the device, and what it takes. */
import type { RunSpec } from '../../contract/spec.ts';
import type { NamedShape, Parameter } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { Moments, StateLayout } from './optimizer.ts';
import { optimizerOf } from './registry.ts';

type OptimizerKind = RunSpec['optimizer']['kind'];

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const zerosOf = (ops: Ops, { shape, dtype }: StateLayout): Tensor =>
	dtype === 'f32' ? ops.zeros(shape) : ops.upload(new Int32Array(product(shape)), shape);

/** Moments that are zero; where there is no room for all, none is left. */
export function createMoments(ops: Ops, kind: OptimizerKind, { name, tensor }: Parameter): Moments {
	const layouts = optimizerOf(kind).states({ name, shape: tensor.shape });
	const made: [string, Tensor][] = [];
	try {
		for (const [state, layout] of Object.entries<StateLayout>(layouts))
			made.push([state, zerosOf(ops, layout)]);
	} catch (error) {
		ops.release(...made.map(([, state]) => state));
		throw error;
	}
	return Object.fromEntries(made);
}

/** Bytes of the moments of a parameter. */
export function momentBytes(kind: OptimizerKind, parameter: NamedShape): number {
	const layouts = Object.values<StateLayout>(optimizerOf(kind).states(parameter));
	return layouts.reduce((bytes, { shape }) => bytes + 4 * product(shape), 0);
}
