/** The updates of a run, stage after stage, and what a checkpoint has to hold of them. */
import type { StepEvent, TrainJob } from '../contract/training.ts';
import type { Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import type { PlannedRun } from '../engine/plan/plan.ts';
import {
	createTrainingState,
	releaseTrainingState,
	train,
	type TrainingState,
} from '../engine/train.ts';
import { readCheckpointTensor, type TensorToSave } from '../storage/checkpoints.ts';
import type { CheckpointRecord, LabDatabase } from '../storage/database.ts';
import { holdChunks } from '../storage/locks.ts';
import { type Carry, createCarry, type DevicePart, partsOf, readPart } from './carry.ts';
import type { LoadedModel } from './model.ts';
import { checkRestored } from './restore.ts';

interface Place {
	readonly ops: Ops;
	readonly model: LoadedModel;
	readonly db: LabDatabase;
}

export interface StagedTraining {
	/** Updates done, over all stages. */
	step(): number;
	/** Updates up to the end of the last stage; on the device a stage has gradients and moments of its own, and only while it trains. */
	updates(): AsyncGenerator<StepEvent, void>;
	/**
	 * Every weight changed so far and the moments of the running stage (at its end: none), with carried moments also
	 * those that a later stage goes on with; one tensor in memory at a time.
	 */
	tensors(): AsyncGenerator<TensorToSave>;
	/** Bytes of `tensors`. */
	bytes(): number;
	release(): void;
}

/**
 * Prepares the stages of `job`, from a checkpoint where there is one. Which stage it belongs to follows from its step:
 * at a border that is the next one, with moments that are still zero or carried over.
 */
export async function startStages(
	job: Pick<TrainJob, 'spec' | 'train'>,
	stages: readonly PlannedRun[],
	place: Place,
	checkpoint: CheckpointRecord | null,
): Promise<StagedTraining> {
	const { spec } = job;
	const { ops } = place;
	const { decoder } = place.model;
	const stageAt = (step: number) => Math.min(Math.floor(step / spec.steps), stages.length - 1);
	const carry = createCarry(spec, stages);
	const begin = (number: number): TrainingState => {
		const trainable = stages[number]?.trainable ?? new Set();
		const { kind } = spec.optimizer;
		const start = number * spec.steps;
		return createTrainingState(ops, decoder, trainable, start, kind, carry.earlier(number));
	};
	let stage = stageAt(checkpoint?.step ?? 0);
	let state = begin(stage);
	const release = () => {
		releaseTrainingState(ops, state);
		state = { ...state, moments: new Map(), constants: null };
	};
	try {
		if (checkpoint !== null) await restore(place, checkpoint, stage, state, carry);
	} catch (error) {
		release();
		throw error;
	}

	/** What a checkpoint holds from the device. */
	const onDevice = () => {
		// At the end of a stage its moments have served, but for those that are carried on.
		const needed = (name: string) =>
			state.step < (stage + 1) * spec.steps || carry.trainsLater(name, stage);
		return changedParts(decoder, stages.slice(0, stage + 1), state.moments, needed);
	};
	return {
		step: () => state.step,
		async *updates() {
			for (;;) {
				const planned = stages[stage];
				if (planned === undefined) return;
				const { plan, trainable } = planned;
				yield* train(ops, decoder, spec, job.train, plan, trainable, state);
				if (stage === stages.length - 1) return;
				await carry.put(ops, stage, state.moments);
				release();
				state = begin(++stage);
				carry.take(ops, state.moments);
			}
		},
		async *tensors() {
			for (const part of onDevice()) yield readPart(ops, part);
			yield* carry.waiting();
		},
		bytes: () =>
			onDevice().reduce((sum, { tensor }) => sum + 4 * tensor.size, 0) +
			carry.waiting().reduce((sum, { data }) => sum + data.byteLength, 0),
		release,
	};
}

/** What trained in `stages`, in the order of the model, with the moments that are needed. */
function changedParts(
	decoder: Decoder,
	stages: readonly PlannedRun[],
	moments: TrainingState['moments'],
	needed: (name: string) => boolean,
): DevicePart[] {
	const names = new Set(stages.flatMap(({ trainable }) => [...trainable]));
	return [...decoder.parameters.values()]
		.filter(({ name }) => names.has(name))
		.flatMap((parameter) => {
			const { name } = parameter;
			return partsOf(parameter, needed(name) ? moments.get(name) : undefined);
		});
}

async function restore(
	{ ops, model, db }: Place,
	checkpoint: CheckpointRecord,
	stage: number,
	state: TrainingState,
	carry: Carry,
): Promise<void> {
	await holdChunks(async () => {
		for (const { chunks, ...entry } of checkpoint.tensors) {
			const { name, kind } = entry;
			const parameter = model.decoder.parameters.get(name);
			const parts = parameter ? partsOf(parameter, state.moments.get(name)) : [];
			const target = parts.find((part) => part.kind === kind)?.tensor;
			const waits = target === undefined && kind !== 'weight' && carry.trainsLater(name, stage);
			if (!waits) checkRestored(checkpoint, { ...entry, chunks }, target);
			const values = await readCheckpointTensor(db, checkpoint, { ...entry, chunks });
			const data = kind === 'packed' ? new Int32Array(values.buffer) : values;
			if (target === undefined) carry.wait({ ...entry, data });
			else ops.write(target, data);
		}
	});
	state.step = checkpoint.step;
}
