/** What an optimizer is: each has a file of its own beside this one, and registry.ts lists them. */
import type { OptimizerKind } from '../../contract/optimizers.mjs';
import type { RunSpec } from '../../contract/spec.ts';
import type { FusedOps } from '../fusedOps.ts';
import type { NamedShape } from '../model/weights.ts';
import type { AdamWStep, Ops, Tensor } from '../ops.ts';

/** A tensor that is kept of a parameter; zeros before the first update. */
export interface StateLayout {
	readonly shape: readonly number[];
	readonly dtype: 'f32' | 'i32';
}

/** First and second moment in float32, or both in codes of 8 bits: the names under which a checkpoint holds them. */
export type StateName = 'm' | 'v' | 'packed';

/** What is kept of one parameter, on the device. */
export type Moments = Readonly<Partial<Record<StateName, Tensor>>>;

/** What one update of one parameter is made with. */
export interface ParameterStep extends Pick<
	AdamWStep,
	'learningRate' | 'weightDecay' | 'step' | 'clipNorm' | 'rounding'
> {
	/** As the run states it. */
	readonly optimizer: RunSpec['optimizer'];
	/** Factor of the schedule, which `learningRate` has in it. */
	readonly scheduled: number;
}

/** A parameter whose turn it is. */
export interface DueParameter {
	readonly parameter: Tensor;
	readonly moments: Moments;
	/** As `Optimizer.constants` gave it. */
	readonly constants: Tensor | null;
	readonly step: ParameterStep;
}

export interface Optimizer {
	readonly kind: OptimizerKind;
	/** What it keeps of a parameter, on the device and in a checkpoint. */
	states(parameter: NamedShape): Readonly<Partial<Record<StateName, StateLayout>>>;
	/** Numbers that the updates of all parameters look up; absent: there are none. */
	readonly constants?: () => Float32Array;
	/** Throws `BadInput` for a run that it makes no sense in, with what to choose instead; absent: there is none. */
	readonly check?: (spec: Pick<RunSpec, 'optimizer' | 'tune'>) => void;
	/** Floats that it works in while it updates a parameter, beside its gradient; absent: none. */
	readonly workspaceFloats?: (parameter: NamedShape) => number;
	/** Operations of one update of a parameter, where they are as many as those of a pass; absent: they are few. */
	readonly flops?: (parameter: NamedShape, optimizer: RunSpec['optimizer']) => number;
	/**
	 * One update of a parameter and its states in place. `norm` [1]: the global norm that the gradient is clipped by;
	 * nothing changes where it is not a finite number. The gradient is not needed any more and may be overwritten.
	 */
	update(ops: Ops, due: DueParameter, gradient: Tensor, norm: Tensor): void;
	/** The update of a linear layer's weight without a gradient in memory (fusedOps.ts); absent: it has none. */
	readonly fused?: FusedUpdateOf;
}

export interface FusedUpdateOf {
	/** Whether it has one for a parameter: by name and shape alone, so that a resumed run does the same. */
	takes(parameter: NamedShape): boolean;
	/** By the gradient dyᵀ x. @returns norms of the parts of the gradient */
	update(fused: FusedOps, due: DueParameter, dy: Tensor, x: Tensor, norm: Tensor): Tensor;
}
