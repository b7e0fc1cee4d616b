/** For tests in Node: a small model with the demo's tokenizer and random weights, stored and loaded, and runs of it. */
import { namedError } from '../contract/errors.ts';
import { runId } from '../contract/runId.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { TrainingEvent, TrainJob, TrainOutcome } from '../contract/training.ts';
import { initialWeights } from '../demo/initialWeights.ts';
import { folderJson } from '../demo/pretraining.ts';
import type { Ops } from '../engine/ops.ts';
import { tinyBlock } from '../engine/testing.ts';
import { openDatabase } from '../storage/database.ts';
import { environment, runSpec } from '../storage/testing.ts';
import { parseConfig } from '../weights/config.ts';
import { encodeSafetensors } from '../weights/encode.ts';
import { planDevice } from './device.ts';
import { createGate, type Gate } from './gate.ts';
import { type LoadedModel, loadModel } from './model.ts';
import { runJob } from './run.ts';
import { createStore } from './store.ts';

/** Stores a model of 4 layers, 32 wide, and puts it on the device. */
export async function loadTinyModel(ops: Ops): Promise<LoadedModel> {
	const json: Record<string, unknown> = { ...folderJson() };
	const config = {
		...(json['config.json'] as object),
		...{ hidden_size: 32, intermediate_size: 48, num_hidden_layers: 4 },
		...{ num_attention_heads: 2, num_key_value_heads: 2 },
	};
	json['config.json'] = config;
	const weights = encodeSafetensors(initialWeights(parseConfig(config, 'config.json'), 5), {});
	const files = [
		...Object.entries(json).map(([name, content]) => new File([JSON.stringify(content)], name)),
		new File(weights, 'model.safetensors'),
	];
	const record = await createStore().importModel('tiny', files, () => undefined);
	return loadModel(ops, { kind: 'stored', id: record.id }, false, () => undefined);
}

/** A job of a few updates on random tokens; `change` is of its spec. */
export async function tinyJob(
	model: LoadedModel,
	change: Partial<RunSpec>,
	probe: TrainJob['probe'] = null,
): Promise<TrainJob> {
	const spec = runSpec({
		model: model.id ?? '',
		untie: false,
		batch: { size: 2, accumulation: 1 },
		schedule: { kind: 'cosine', warmupSteps: 2 },
		steps: 6,
		checkpointEvery: 100,
		...change,
	});
	return { runId: await runId(spec), spec, train: tinyBlock(9), sample: null, probe };
}

/** Operations whose device is gone at the loss of this number: there is one loss for each micro-batch. */
export function dying(ops: Ops, last: number): Ops {
	let losses = 0;
	const crossEntropy: Ops['crossEntropy'] = (...args) => {
		if (++losses === last) throw namedError('DeviceLost', 'the device is gone');
		return ops.crossEntropy(...args);
	};
	return new Proxy(ops, {
		get: (target, key) =>
			key === 'crossEntropy' ? crossEntropy : (Reflect.get(target, key) as unknown),
	});
}

export interface TrainedJob {
	readonly outcome: TrainOutcome;
	readonly events: readonly TrainingEvent[];
	/** Loss of every update. */
	readonly losses: readonly number[];
}

/** Runs or resumes a job; `onEvent` may tell the gate to stop; `memory`: bytes the device may hold. */
export async function trainJob(
	ops: Ops,
	model: LoadedModel,
	job: TrainJob,
	onEvent: (event: TrainingEvent, gate: Gate) => void = () => undefined,
	memory: number | null = null,
): Promise<TrainedJob> {
	const gate = createGate();
	const events: TrainingEvent[] = [];
	const outcome = await runJob(job, {
		...{ ops, model, gate, environment, db: await openDatabase() },
		device: planDevice(ops, memory),
		continueText: () => Promise.resolve(''),
		check: () => undefined,
		emit(event) {
			events.push(event);
			onEvent(event, gate);
		},
	});
	const losses = events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));
	return { outcome, events, losses };
}
