/** One training run: started or resumed, checkpointed, pausable, with a receipt at its end. */
import { namedError } from '../contract/errors.ts';
import type { RunEnvironment } from '../contract/library.ts';
import { totalSteps } from '../contract/spec.ts';
import type { StepEvent, TrainingEvent, TrainJob, TrainOutcome } from '../contract/training.ts';
import type { Ops } from '../engine/ops.ts';
import {
	formerCheckpoint,
	newestCheckpoint,
	readCheckpointTensor,
	saveCheckpoint,
} from '../storage/checkpoints.ts';
import type { CheckpointRecord, LabDatabase } from '../storage/database.ts';
import { holdChunks, holdRun } from '../storage/locks.ts';
import { readRun, startRun, updateRun } from '../storage/runs.ts';
import type { PlanDevice } from './device.ts';
import { requireFit } from './fit.ts';
import type { Gate } from './gate.ts';
import type { LoadedModel } from './model.ts';
import { planModel, planRun, planSpec, prepareModel } from './plan.ts';
import { createProbe } from './probe.ts';
import { makeReceipt } from './receipt.ts';
import { checkComplete, checkRestored } from './restore.ts';
import { runFailure } from './runFailure.ts';
import { type StagedTraining, startStages } from './stages.ts';

export interface RunTools {
	readonly ops: Ops;
	readonly model: LoadedModel;
	readonly db: LabDatabase;
	readonly gate: Gate;
	readonly environment: RunEnvironment;
	/** What the run is planned for. */
	readonly device: PlanDevice;
	/** Text that continues a prompt, for the live sample. */
	readonly continueText: (prompt: string) => Promise<string>;
	readonly emit: (event: TrainingEvent) => void;
	/** Throws `Cancelled` where the user has asked to stop what is measured. */
	readonly check: () => void;
}

function checkJob({ spec, train: block }: TrainJob, model: LoadedModel): void {
	const { config } = model.decoder;
	if (model.id !== spec.model)
		throw namedError('BadInput', `Model ${spec.model} is not loaded; load it, then start the run`);
	if (model.untied !== (spec.untie && config.tiedEmbeddings))
		throw namedError(
			'BadInput',
			'The model was loaded with another choice of untied head; load it again',
		);
	if (block.count === 0)
		throw namedError(
			'BadInput',
			`The data makes no sequence of ${spec.data.sequenceLength} tokens; take more rows or shorter sequences`,
		);
	for (const id of block.inputIds)
		if (id < 0 || id >= config.vocabularySize)
			throw namedError(
				'BadInput',
				`Token ${id} is outside the model's vocabulary of ${config.vocabularySize}: the tokenizer belongs to another model`,
			);
}

/** Trains `job`, or goes on from its newest checkpoint. Rejects with `Busy` where another tab trains it. */
export async function runJob(job: TrainJob, tools: RunTools): Promise<TrainOutcome> {
	checkJob(job, tools.model);
	requireFit(tools.device, planModel(tools.model), job.spec);
	return holdRun(job.runId, async () => {
		const { record, checkpoint } = await startRun(tools.db, job.spec, tools.environment);
		if (record.id !== job.runId)
			throw namedError('BadInput', `Run ${job.runId} was asked with the spec of run ${record.id}`);
		let made = checkpoint?.step ?? 0;
		const emit: RunTools['emit'] = (event) => {
			if (event.kind === 'step') made = event.step + 1;
			if (event.kind === 'fallback') made = event.step;
			tools.emit(event);
		};
		try {
			return await trainFrom(job, { ...tools, emit }, checkpoint);
		} catch (error) {
			const told = await runFailure(error, job, made, tools.db);
			const message = told instanceof Error ? told.message : String(told);
			// On a full disk this write fails too; what went wrong first is what counts.
			await updateRun(tools.db, job.runId, { status: 'failed', error: message }).catch(
				() => undefined,
			);
			throw told;
		}
	});
}

/** Trains from a checkpoint, or, where that is damaged, from the one before it, which is told. */
async function trainFrom(
	job: TrainJob,
	tools: RunTools,
	checkpoint: CheckpointRecord | null,
): Promise<TrainOutcome> {
	try {
		return await trainHeld(job, tools, checkpoint);
	} catch (error) {
		const isDamaged = error instanceof Error && error.name === 'Damaged';
		if (!isDamaged || checkpoint === null) throw error;
		const { db, environment, emit } = tools;
		const former = await formerCheckpoint(db, checkpoint);
		if (former === null) throw error;
		const started = await startRun(db, job.spec, environment, checkpoint.step);
		emit({ kind: 'fallback', damaged: checkpoint.step, step: former.step, why: error.message });
		return await trainHeld(job, tools, started.checkpoint);
	}
}

async function trainHeld(
	job: TrainJob,
	tools: RunTools,
	checkpoint: CheckpointRecord | null,
): Promise<TrainOutcome> {
	const { ops, model, db, gate, device } = tools;
	const { stages, trainable } = planSpec(device, planModel(model), job.spec);
	if (checkpoint !== null) checkComplete(checkpoint, job.spec, stages);
	await prepareModel(model, job.spec, trainable);
	model.markChanged(trainable);
	const training = await startStages(job, stages, tools, checkpoint);
	try {
		const finished = await loop(job, tools, training);
		const receipt = await makeReceipt(ops, model, trainable);
		const status = finished ? 'finished' : 'stopped';
		await updateRun(db, job.runId, { status, receipt });
		return { runId: job.runId, status, steps: training.step(), receipt };
	} finally {
		gate.end();
		training.release();
	}
}

/** Pulls updates until the run is done (true) or stopped (false); a checkpoint is written wherever it halts. */
async function loop(job: TrainJob, tools: RunTools, training: StagedTraining): Promise<boolean> {
	const { gate, emit, db } = tools;
	let pending: StepEvent[] = [];
	let savedStep = training.step();
	const save = async () => {
		const step = training.step();
		if (savedStep === step && pending.length === 0) return;
		const { runId } = job;
		const record = await saveCheckpoint(
			db,
			{ runId, step, metrics: pending, expectedBytes: training.bytes() },
			training.tensors(),
		);
		pending = [];
		savedStep = step;
		emit({ kind: 'checkpoint', step, bytes: record.bytes });
	};
	const measure = await createProbe(job, { ...tools, check: checkOf(tools) });
	const updates = training.updates();
	gate.begin();
	emit({ kind: 'state', state: 'running' });
	try {
		for (;;) {
			if (gate.paused()) {
				await save();
				await updateRun(db, job.runId, { status: 'paused' });
				emit({ kind: 'state', state: 'paused' });
			}
			const go = await gate.pass();
			if (go === 'stop') break;
			if (go === 'resumed') {
				await updateRun(db, job.runId, { status: 'running' });
				emit({ kind: 'state', state: 'running' });
			}
			if (!(await measure(training.step()))) break;
			const next = await updates.next();
			if (next.done === true) break;
			pending.push(next.value);
			emit({ kind: 'step', ...next.value });
			await liveSample(job, tools, training.step());
			if (training.step() % job.spec.checkpointEvery === 0) await save();
		}
	} finally {
		await updates.return();
	}
	await save();
	return training.step() >= totalSteps(job.spec);
}

/** A measurement ends early on a stop of the run, too. */
function checkOf({ gate, check }: RunTools): () => void {
	return () => {
		check();
		if (gate.stopping()) throw namedError('Cancelled', 'Stopped on request');
	};
}

/** A prompt that cannot be continued (too long, say) is told in place of the sample; the run goes on. */
async function liveSample(job: TrainJob, tools: RunTools, step: number): Promise<void> {
	if (job.sample === null || step % job.sample.every !== 0) return;
	let text: string;
	try {
		text = await tools.continueText(job.sample.prompt);
	} catch (error) {
		if (!(error instanceof Error && error.name === 'BadInput')) throw error;
		text = `(no sample: ${error.message})`;
	}
	tools.emit({ kind: 'sample', step, text });
}

/**
 * Puts the weights of a run's newest checkpoint on the device; the rest is as in the files. Throws, before anything
 * changes, `BadInput` naming run and tensor where the checkpoint is not one of the loaded model.
 */
export async function restoreWeights(
	ops: Ops,
	model: LoadedModel,
	db: LabDatabase,
	runId: string,
): Promise<void> {
	await holdChunks(async () => {
		const checkpoint = await newestCheckpoint(db, runId);
		if (checkpoint === null)
			throw namedError('NotFound', `Run ${runId} has no checkpoint yet; train it first`);
		const { spec } = (await readRun(db, runId)).record;
		if (model.id !== spec.model)
			throw namedError(
				'BadInput',
				`Run ${runId} trains model ${spec.model}, which is not loaded; load it, then the run`,
			);
		const { stages, trainable } = planRun(ops, model, spec);
		await prepareModel(model, spec, trainable);
		checkComplete(checkpoint, spec, stages);
		const weights = checkpoint.tensors.filter(({ kind }) => kind === 'weight');
		const { parameters } = model.decoder;
		for (const entry of weights)
			checkRestored(checkpoint, entry, parameters.get(entry.name)?.tensor);
		model.markChanged(weights.map(({ name }) => name));
		for (const entry of weights) {
			const target = parameters.get(entry.name);
			if (target !== undefined)
				ops.write(target.tensor, await readCheckpointTensor(db, checkpoint, entry));
		}
	});
}
