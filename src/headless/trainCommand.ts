/** `lab train` inside the page: import, prepare, train, measure, keep. */
import { isNamed, namedError } from '../contract/errors.ts';
import type { MetricRow } from '../contract/evaluation.ts';
import type { ColumnMapping, Library, RunEnvironment, RunRecord } from '../contract/library.ts';
import { totalSteps, type RunSpec } from '../contract/spec.ts';
import type {
	Calibration,
	Receipt,
	RunForecast,
	TokenBlock,
	TrainingForecast,
	TrainJob,
	TrainOutcome,
} from '../contract/training.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import type { PreparedData } from '../contract/dataApi.ts';
import { defaultSpec } from '../experiments/defaults.ts';
import { leftOutText, preparedNotes } from '../contract/leftOut.ts';
import { overrideSpec } from '../experiments/overrideSpec.ts';
import { runId } from '../contract/runId.ts';
import { runStands } from '../contract/runStands.ts';
import { loadModel } from './loadModel.ts';
import {
	asFile,
	data,
	report,
	reportProgress,
	type SharedFile,
	store,
	trainer,
} from './threads.ts';

export interface TrainRequest {
	/** Run to continue; then nothing else is needed. */
	readonly resume: string | null;
	readonly model: { readonly name: string; readonly files: readonly SharedFile[] } | null;
	readonly dataset: { readonly file: SharedFile; readonly mapping: ColumnMapping | null } | null;
	/** Fields that differ from the default run. */
	readonly changes: Readonly<Record<string, unknown>>;
	/** Bytes the device may hold; null: as far as known. */
	readonly memory: number | null;
}

export interface TrainResult {
	readonly run: string;
	readonly spec: RunSpec;
	readonly status: TrainOutcome['status'];
	readonly steps: number;
	readonly forecast: TrainingForecast;
	readonly data: {
		rows: number;
		tokens: number;
		cutRows: number;
		sequences: number;
		/** What standard error says of rows that were left out or cut. */
		notes: readonly string[];
	};
	/** On what the updates up to `untilStep` were made: more than one device where a run went on elsewhere. */
	readonly devices: RunRecord['earlier'];
	/** Loss of every update, resumed ones included. */
	readonly losses: readonly number[];
	/** Of all updates. */
	readonly seconds: number;
	readonly environment: RunEnvironment;
	/** Held-out loss per token of the base and the adapted model; empty where nothing was held out or it was stopped. */
	readonly results: readonly MetricRow[];
	readonly receipt: Receipt;
}

interface Planned {
	readonly id: string;
	readonly spec: RunSpec;
	/** The stored run that goes on. */
	readonly record: RunRecord | null;
}

let stopped = false;

/** Ends `train` as soon as may be: after the running update, whose checkpoint is written, or before the first one. */
export async function stop(): Promise<void> {
	stopped = true;
	await Promise.all([trainer().stop(), trainer().cancel()]);
}

const known = (library: Library): string =>
	library.runs.map(({ id }) => id).join(', ') || 'none; was it made with another --profile?';

async function findRun(id: string): Promise<Planned> {
	const library = await store().library();
	const record = library.runs.find((run) => run.id === id);
	if (!record) throw new Error(`There is no run ${id} in this profile. Runs: ${known(library)}`);
	return { id, spec: record.spec, record };
}

export async function importDataset(dataset: NonNullable<TrainRequest['dataset']>) {
	const file = await asFile(dataset.file);
	const mapping = dataset.mapping ?? (await guess(file));
	const record = await store().importDataset(file.name, file, mapping);
	if (record.leftOut)
		report({ kind: 'told', text: `${file.name}: ${leftOutText(record.leftOut)}` });
	return record;
}

async function guess(file: File): Promise<ColumnMapping> {
	const { mapping, problem } = await data().preview(file);
	if (mapping) return mapping;
	throw new Error(
		`${problem ?? file.name}. On the command line: --columns instruction,input,output (plain text or chats: ,,column)`,
	);
}

async function planRun({ resume, model, dataset, changes }: TrainRequest): Promise<Planned> {
	if (resume !== null) return findRun(resume);
	if (!model || !dataset) throw new Error('A new run needs --model and --data');
	const files = await Promise.all(model.files.map(asFile));
	const modelRecord = await store().importModel(model.name, files, reportProgress);
	const datasetRecord = await importDataset(dataset);
	const spec = overrideSpec(defaultSpec(modelRecord, datasetRecord), changes);
	return { id: await runId(spec), spec, record: null };
}

/** Token sequences of a run; says which rows were left out or cut. */
export async function prepare({
	model,
	data: spec,
}: Pick<RunSpec, 'model' | 'data'>): Promise<PreparedData> {
	const prepared = await data().prepare(model, spec, reportProgress);
	for (const text of preparedNotes(prepared, spec.rowTokens)) report({ kind: 'told', text });
	return prepared;
}

/** No rows where nothing is held out or where the user stops. */
async function measureHeldOut(
	weights: 'base' | 'current',
	block: TokenBlock | null,
): Promise<readonly MetricRow[]> {
	if (stopped || !block || block.count === 0) return [];
	const tasks = [{ kind: 'block-loss', name: 'held-out', block }] as const;
	try {
		return await trainer().evaluate({ weights, tasks }, reportProgress);
	} catch (error) {
		if (error instanceof Error && error.name === 'Cancelled') return [];
		throw error;
	}
}

/** Says so where a run goes on on another device than it was made on. */
function compareDevices({ spec, record }: Planned, device: DeviceReport): void {
	if (!record?.checkpointStep || record.checkpointStep >= totalSteps(spec)) return;
	const name = ({ backend, adapter }: Pick<RunEnvironment, 'backend' | 'adapter'>) =>
		`${backend} (${adapter})`;
	const before = name(record.environment);
	const now = name(device);
	if (before !== now) report({ kind: 'elsewhere', steps: record.checkpointStep, before, now });
}

async function runJob(job: TrainJob, kept: number | null): Promise<TrainOutcome> {
	if (stopped)
		throw namedError('Cancelled', `Stopped before an update of run ${job.runId}; none was made`);
	let made = kept ?? 0;
	let checkpoint = kept;
	try {
		return await trainer().train(job, (events) => {
			for (const event of events) {
				report({ ...event });
				if (event.kind === 'step') made = event.step + 1;
				if (event.kind === 'checkpoint') checkpoint = event.step;
			}
		});
	} catch (error) {
		const gone = isNamed(error) && (error.name === 'ThreadLost' || error.name === 'Unresponsive');
		// A thread that is gone cannot say how far its run had come.
		throw gone
			? namedError(error.name, `${error.message} ${runStands(job.runId, made, checkpoint)}`)
			: error;
	}
}

async function storedResult(id: string) {
	const { record, metrics } = await store().run(id);
	const { environment, earlier, steps } = record;
	const made = earlier.filter(({ untilStep }) => untilStep < steps);
	return {
		losses: metrics.map(({ loss }) => loss),
		seconds: metrics.reduce((sum, { seconds }) => sum + seconds, 0),
		environment,
		devices: made.length < earlier.length ? earlier : [...made, { untilStep: steps, environment }],
	};
}

/** Puts the model on the device. Throws `BadInput` where the run does not fit it. */
async function loadFor({ spec }: Planned, memory: number | null): Promise<RunForecast> {
	const { model, untie, precision } = spec;
	await trainer().limitMemory(memory);
	await loadModel({ kind: 'stored', id: model }, { untie, format: precision?.frozen });
	const forecast = await trainer().forecast(spec);
	if (forecast.fit.refusal !== null) throw namedError('BadInput', forecast.fit.refusal);
	return forecast;
}

export interface ForecastResult {
	readonly spec: RunSpec;
	readonly forecast: RunForecast;
	/** Of all stages. */
	readonly updates: number;
	readonly calibration: Calibration;
}

/** What a run would take: its bytes, and its time by a few updates that are not kept. */
export async function forecast(request: TrainRequest): Promise<ForecastResult> {
	const planned = await planRun(request);
	const { spec } = planned;
	const expected = await loadFor(planned, request.memory);
	const { train: block } = await prepare(spec);
	const calibration = await trainer().calibrate({ spec, train: block });
	return { spec, forecast: expected, updates: totalSteps(spec), calibration };
}

/** Runs or continues one training run; the trainer must have been started as `device`. */
export async function train(request: TrainRequest, device: DeviceReport): Promise<TrainResult> {
	const planned = await planRun(request);
	const { id, spec } = planned;
	compareDevices(planned, device);
	const expected = await loadFor(planned, request.memory);
	report({ kind: 'plan', run: id, spec, updates: totalSteps(spec), forecast: expected });
	const prepared = await prepare(spec);
	const base = await measureHeldOut('base', prepared.heldOut);
	const job = { runId: id, spec, train: prepared.train, sample: null, probe: null };
	const outcome = await runJob(job, planned.record?.checkpointStep ?? null);
	const adapted = await measureHeldOut('current', prepared.heldOut);
	const results = adapted.length ? [...base, ...adapted] : [];
	if (results.length) await store().saveResults(id, results);
	return {
		run: id,
		spec,
		status: outcome.status,
		steps: outcome.steps,
		forecast: expected,
		data: {
			rows: prepared.rows,
			tokens: prepared.tokens,
			cutRows: prepared.cutRows,
			notes: preparedNotes(prepared, spec.data.rowTokens),
			sequences: prepared.train.count,
		},
		...(await storedResult(id)),
		results,
		receipt: outcome.receipt,
	};
}
