/** Moments that a run in stages carries over from one stage to a later one that trains the same tensor. */
import type { RunSpec } from '../contract/spec.ts';
import type { Parameter } from '../engine/model/weights.ts';
import type { Ops, Tensor } from '../engine/ops.ts';
import type { Moments } from '../engine/optim/optimizer.ts';
import type { PlannedRun } from '../engine/plan/plan.ts';
import type { TrainingState } from '../engine/train.ts';
import type { TensorToSave } from '../storage/checkpoints.ts';

/** A tensor on the device, as a checkpoint names it. */
export interface DevicePart extends Pick<TensorToSave, 'name' | 'kind'> {
	readonly tensor: Tensor;
}

/** The tensors there are of a parameter. */
export const partsOf = ({ name, tensor }: Parameter, moments?: Moments): DevicePart[] =>
	Object.entries<Tensor>({ weight: tensor, ...moments }).map(([kind, part]) => ({
		...{ name, kind: kind as DevicePart['kind'], tensor: part },
	}));

export async function readPart(
	ops: Ops,
	{ name, kind, tensor }: DevicePart,
): Promise<TensorToSave> {
	const data = await (tensor.dtype === 'i32' ? ops.readIntegers(tensor) : ops.read(tensor));
	return { name, kind, shape: tensor.shape, data };
}

export interface Carry {
	/** Whether moments of a parameter go on in a stage after number `stage`. */
	trainsLater(name: string, stage: number): boolean;
	/** By parameter, updates whose moments stage number `stage` begins with. */
	earlier(stage: number): ReadonlyMap<string, number>;
	/** Keeps of the moments at the end of a stage, in main memory, what a later one goes on with. */
	put(ops: Ops, stage: number, moments: TrainingState['moments']): Promise<void>;
	/** Adds moments that wait for a later stage, as a checkpoint had them. */
	wait(part: TensorToSave): void;
	/** Fills new moments with those that waited for them. */
	take(ops: Ops, moments: TrainingState['moments']): void;
	/** What waits for a later stage. */
	waiting(): readonly TensorToSave[];
}

/** With fresh moments nothing is ever carried. */
export function createCarry(
	{ optimizer, steps }: Pick<RunSpec, 'optimizer' | 'steps'>,
	stages: readonly Pick<PlannedRun, 'trainable'>[],
): Carry {
	const carried = optimizer.moments === 'carried';
	let waiting: TensorToSave[] = [];
	const trainsLater = (name: string, stage: number) =>
		carried && stages.slice(stage + 1).some(({ trainable }) => trainable.has(name));
	return {
		trainsLater,
		earlier(stage) {
			const updates = new Map<string, number>();
			for (const { trainable } of carried ? stages.slice(0, stage) : [])
				for (const name of trainable) updates.set(name, (updates.get(name) ?? 0) + steps);
			return updates;
		},
		async put(ops, stage, moments) {
			for (const [name, tensors] of moments) {
				if (!trainsLater(name, stage)) continue;
				for (const [kind, tensor] of Object.entries(tensors) as [DevicePart['kind'], Tensor][])
					waiting.push(await readPart(ops, { name, kind, tensor }));
			}
		},
		wait(part) {
			waiting.push(part);
		},
		take(ops, moments) {
			waiting = waiting.filter(({ name, kind, data }) => {
				const tensor = new Map(Object.entries<Tensor>(moments.get(name) ?? {})).get(kind);
				if (tensor !== undefined) ops.write(tensor, data);
				return tensor === undefined;
			});
		},
		waiting: () => waiting,
	};
}
