/** A few updates made for their time and memory only: nothing is stored, and the weights stay as they are in the files. */
import type { RunSpec } from '../contract/spec.ts';
import type { Calibration, TokenBlock } from '../contract/training.ts';
import type { Ops } from '../engine/ops.ts';
import type { PlannedRun } from '../engine/plan/plan.ts';
import { createTrainingState, releaseTrainingState, train } from '../engine/train.ts';
import type { PlanDevice } from './device.ts';
import { requireFit } from './fit.ts';
import type { LoadedModel } from './model.ts';
import { planModel, planSpec, prepareModel } from './plan.ts';

/** Timed updates of each stage, after one in which kernels are compiled and pools fill. */
const timed = 3;

/**
 * What an update takes, by `updates` of each stage on the run's own sequences. Whatever was trained is put away first.
 * Throws `BadInput` where the run does not fit the device.
 */
export async function calibrate(
	ops: Ops,
	model: LoadedModel,
	device: PlanDevice,
	{ spec, train: block }: { readonly spec: RunSpec; readonly train: TokenBlock },
	updates = timed,
): Promise<Calibration> {
	requireFit(device, planModel(model), spec);
	const { stages, trainable } = planSpec(device, planModel(model), spec);
	await prepareModel(model, spec, trainable);
	// At a rate of 0 every number is computed and none changes; a rate that an optimizer has of its own is undone by `reset`.
	const { optimizer } = spec;
	const still = { ...spec, steps: updates + 1, optimizer: { ...optimizer, learningRate: 0 } };
	try {
		ops.resetPeak();
		let seconds = 0;
		for (const stage of stages) seconds += await secondsOf(ops, model, still, block, stage);
		return { secondsPerUpdate: seconds / stages.length, peakBytes: ops.memory().peakBytes };
	} finally {
		await model.reset();
	}
}

/** The middle one of a stage's timed updates. */
async function secondsOf(
	ops: Ops,
	{ decoder }: LoadedModel,
	spec: RunSpec,
	block: TokenBlock,
	{ plan, trainable }: PlannedRun,
): Promise<number> {
	const state = createTrainingState(ops, decoder, trainable, 0, spec.optimizer.kind);
	const taken: number[] = [];
	try {
		for await (const { seconds } of train(ops, decoder, spec, block, plan, trainable, state))
			taken.push(seconds);
	} finally {
		releaseTrainingState(ops, state);
	}
	const sorted = taken.slice(1).sort((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? NaN;
}
