/** The updates of a run, stage after stage, and what a checkpoint has to hold of them. */
import { namedError } from '../contract/errors.ts';
import type { StepEvent, TrainJob } from '../contract/training.ts';
import type { Decoder, Parameter } from '../engine/model/weights.ts';
import type { Ops, Tensor } from '../engine/ops.ts';
import type { Moments } from '../engine/optim/states.ts';
import type { PlannedRun } from '../engine/plan.ts';
import {
	createTrainingState,
	releaseTrainingState,
	train,
	type TrainingState,
} from '../engine/train.ts';
import { readCheckpointTensor, type TensorToSave } from '../storage/checkpoints.ts';
import type { CheckpointRecord, CheckpointTensor, LabDatabase } from '../storage/database.ts';
import { holdChunks } from '../storage/locks.ts';
import type { LoadedModel } from './model.ts';

export interface StagedTraining {
	/** Updates done, over all stages. */
	step(): number;
	/** Updates up to the end of the last stage; a stage has gradients and moments of its own, and only while it trains. */
	updates(): AsyncGenerator<StepEvent, void>;
	/** Every weight changed so far and the moments of the running stage (at its end: none), one tensor in memory at a time. */
	tensors(): AsyncGenerator<TensorToSave>;
	/** Bytes of `tensors`. */
	bytes(): number;
	release(): void;
}

/**
 * Prepares the stages of `job`, from a checkpoint where there is one. Which stage it belongs to follows from its step:
 * at a border that is the next one, with moments of its own that are still zero.
 */
export async function startStages(
	job: Pick<TrainJob, 'spec' | 'train'>,
	stages: readonly PlannedRun[],
	{ ops, model, db }: { readonly ops: Ops; readonly model: LoadedModel; readonly db: LabDatabase },
	checkpoint: CheckpointRecord | null,
): Promise<StagedTraining> {
	const { spec } = job;
	const { decoder } = model;
	const stageAt = (step: number) => Math.min(Math.floor(step / spec.steps), stages.length - 1);
	const begin = (number: number): TrainingState => {
		const trainable = stages[number]?.trainable ?? new Set();
		return createTrainingState(ops, decoder, trainable, number * spec.steps, spec.optimizer.kind);
	};
	let stage = stageAt(checkpoint?.step ?? 0);
	let state = begin(stage);
	const release = () => {
		releaseTrainingState(ops, state);
		state = { ...state, moments: new Map(), maps: null };
	};
	try {
		if (checkpoint !== null) await restore(ops, model, db, checkpoint, state);
	} catch (error) {
		release();
		throw error;
	}

	/** At the end of a stage its moments have served. */
	const changed = () =>
		changedTensors(
			decoder,
			stages.slice(0, stage + 1),
			state.step < (stage + 1) * spec.steps ? state.moments : new Map(),
		);
	return {
		step: () => state.step,
		async *updates() {
			for (;;) {
				const planned = stages[stage];
				if (planned === undefined) return;
				const { plan, trainable } = planned;
				yield* train(ops, decoder, spec, job.train, plan, trainable, state);
				if (stage === stages.length - 1) return;
				release();
				state = begin(++stage);
			}
		},
		async *tensors() {
			for (const part of changed())
				for (const [kind, tensor] of partsOf(part)) {
					const data = await (tensor.dtype === 'i32' ? ops.readIntegers(tensor) : ops.read(tensor));
					yield { name: part.name, kind, shape: tensor.shape, data };
				}
		},
		bytes: () =>
			changed()
				.flatMap(partsOf)
				.reduce((sum, [, { size }]) => sum + 4 * size, 0),
		release,
	};
}

interface ChangedTensor extends Parameter {
	readonly moments: Moments | undefined;
}

/** The tensors a checkpoint holds of a parameter. */
const partsOf = ({ tensor, moments }: ChangedTensor) =>
	Object.entries({ weight: tensor, ...moments }) as [CheckpointTensor['kind'], Tensor][];

/** What trained in `stages`, in the order of the model, with the moments there are. */
function changedTensors(
	decoder: Decoder,
	stages: readonly PlannedRun[],
	moments: TrainingState['moments'],
): ChangedTensor[] {
	const names = new Set(stages.flatMap(({ trainable }) => [...trainable]));
	return [...decoder.parameters.values()]
		.filter(({ name }) => names.has(name))
		.map((parameter) => ({ ...parameter, moments: moments.get(parameter.name) }));
}

async function restore(
	ops: Ops,
	model: LoadedModel,
	db: LabDatabase,
	{ runId, step, tensors }: CheckpointRecord,
	state: TrainingState,
): Promise<void> {
	await holdChunks(async () => {
		for (const entry of tensors) {
			const parameter = model.decoder.parameters.get(entry.name);
			const moments = state.moments.get(entry.name);
			const parts = parameter === undefined ? [] : partsOf({ ...parameter, moments });
			const target = new Map(parts).get(entry.kind);
			if (target === undefined)
				throw namedError(
					'BadInput',
					`The checkpoint of run ${runId} holds ${entry.name}, which this run does not train`,
				);
			const values = await readCheckpointTensor(db, entry);
			ops.write(target, target.dtype === 'i32' ? new Int32Array(values.buffer) : values);
		}
	});
	state.step = step;
}
