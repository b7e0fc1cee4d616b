/** What a checkpoint holds, compared with the run and the model it is put back into. */
import { namedError } from '../contract/errors.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { Tensor } from '../engine/ops.ts';
import type { PlannedRun } from '../engine/plan/plan.ts';
import type { CheckpointRecord, CheckpointTensor } from '../storage/database.ts';

const shapeText = (shape: readonly number[]) => `[${shape.join(', ')}]`;

/** For messages: `the checkpoint of run 1a2b after 20 updates`. */
const nameOf = ({ runId, step }: CheckpointRecord) =>
	`The checkpoint of run ${runId} after ${step} updates`;

/**
 * Throws `BadInput` naming run and tensor where a tensor of a checkpoint is not what the device has for it: none, one of
 * another shape, or numbers where codes belong. Values of weights and moments are float32, packed moments are words.
 */
export function checkRestored(
	checkpoint: CheckpointRecord,
	{ name, kind, shape, chunks }: CheckpointTensor,
	target: Pick<Tensor, 'shape' | 'dtype'> | undefined,
): void {
	const wrong = (what: string) =>
		namedError(
			'BadInput',
			`${nameOf(checkpoint)}: ${name} (${kind}) ${what}; load the model that the run was made with, or train it anew`,
		);
	if (target === undefined) throw wrong('is in it, which this run does not train');
	if (shapeText(shape) !== shapeText(target.shape))
		throw wrong(`is ${shapeText(shape)} in it and ${shapeText(target.shape)} in the run`);
	const words = (kind === 'packed') === (target.dtype === 'i32');
	if (!words) throw wrong(`is in it for another optimizer; the run keeps ${target.dtype}`);
	const bytes = chunks.reduce((sum, { size }) => sum + size, 0);
	const needed = 4 * shape.reduce((product, length) => product * length, 1);
	if (bytes !== needed) throw wrong(`has ${bytes} bytes in it and needs ${needed}`);
}

/** Throws `BadInput` naming run and tensor where a checkpoint lacks a weight that has been trained by then. */
export function checkComplete(
	checkpoint: CheckpointRecord,
	{ steps }: Pick<RunSpec, 'steps'>,
	stages: readonly Pick<PlannedRun, 'trainable'>[],
): void {
	const held = new Set(
		checkpoint.tensors.flatMap(({ name, kind }) => (kind === 'weight' ? [name] : [])),
	);
	for (const [stage, { trainable }] of stages.entries()) {
		if (stage * steps >= checkpoint.step) return;
		const missing = [...trainable].find((name) => !held.has(name));
		if (missing !== undefined)
			throw namedError(
				'BadInput',
				`${nameOf(checkpoint)} lacks ${missing}, which the run trains; train it anew`,
			);
	}
}
