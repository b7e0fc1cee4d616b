/** `lab train` inside the page: import, prepare, train, measure, keep. */
import type { MetricRow } from '../contract/evaluation.ts';
import type { ColumnMapping, Library, RunEnvironment } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { Receipt, TokenBlock, TrainingForecast, TrainOutcome } from '../contract/training.ts';
import { defaultSpec } from '../experiments/defaults.ts';
import { overrideSpec } from '../experiments/overrideSpec.ts';
import { runId } from '../contract/runId.ts';
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
}

export interface TrainResult {
	readonly run: string;
	readonly spec: RunSpec;
	readonly status: TrainOutcome['status'];
	readonly steps: number;
	readonly forecast: TrainingForecast;
	readonly data: { rows: number; tokens: number; cutRows: number; sequences: number };
	/** Loss of every update, resumed ones included. */
	readonly losses: readonly number[];
	/** Of all updates. */
	readonly seconds: number;
	readonly environment: RunEnvironment;
	/** Held-out loss per token of the base and the adapted model; empty where nothing was held out. */
	readonly results: readonly MetricRow[];
	readonly receipt: Receipt;
}

interface Planned {
	readonly id: string;
	readonly spec: RunSpec;
}

const known = (library: Library): string =>
	library.runs.map(({ id }) => id).join(', ') || 'none; was it made with another --profile?';

async function findRun(id: string): Promise<Planned> {
	const library = await store().library();
	const record = library.runs.find((run) => run.id === id);
	if (!record) throw new Error(`There is no run ${id} in this profile. Runs: ${known(library)}`);
	return { id, spec: record.spec };
}

async function importDataset(dataset: NonNullable<TrainRequest['dataset']>) {
	const file = await asFile(dataset.file);
	const mapping = dataset.mapping ?? (await data().preview(file)).mapping;
	if (!mapping)
		throw new Error(
			`${file.name}: cannot tell which columns are instruction, input and output; name them with --columns (plain text: ,,text)`,
		);
	return store().importDataset(file.name, file, mapping);
}

async function planRun({ resume, model, dataset, changes }: TrainRequest): Promise<Planned> {
	if (resume !== null) return findRun(resume);
	if (!model || !dataset) throw new Error('A new run needs --model and --data');
	const files = await Promise.all(model.files.map(asFile));
	const modelRecord = await store().importModel(model.name, files, reportProgress);
	const datasetRecord = await importDataset(dataset);
	const spec = overrideSpec(defaultSpec(modelRecord, datasetRecord), changes);
	return { id: await runId(spec), spec };
}

function measureHeldOut(
	weights: 'base' | 'current',
	name: string,
	block: TokenBlock | null,
): Promise<readonly MetricRow[]> {
	if (!block || block.count === 0) return Promise.resolve([]);
	const tasks = [{ kind: 'block-loss', name, block }] as const;
	return trainer().evaluate({ weights, tasks }, reportProgress);
}

/** Runs or continues one training run; the trainer must have been started. */
export async function train(request: TrainRequest): Promise<TrainResult> {
	const { id, spec } = await planRun(request);
	await trainer().load({ kind: 'stored', id: spec.model }, spec.untie, reportProgress);
	const forecast = await trainer().forecast(spec);
	report({ kind: 'plan', run: id, spec, forecast });
	const prepared = await data().prepare(spec.model, spec.data, spec.seed, reportProgress);
	const base = await measureHeldOut('base', 'held-out', prepared.heldOut);
	const job = { runId: id, spec, train: prepared.train, sample: null };
	const outcome = await trainer().train(job, (events) => {
		for (const event of events) report({ ...event });
	});
	const adapted = await measureHeldOut('current', 'held-out', prepared.heldOut);
	const results = [...base, ...adapted];
	await store().saveResults(id, results);
	const { record, metrics } = await store().run(id);
	return {
		run: id,
		spec,
		status: outcome.status,
		steps: outcome.steps,
		forecast,
		data: {
			rows: prepared.rows,
			tokens: prepared.tokens,
			cutRows: prepared.cutRows,
			sequences: prepared.train.count,
		},
		losses: metrics.map(({ loss }) => loss),
		seconds: metrics.reduce((sum, { seconds }) => sum + seconds, 0),
		environment: record.environment,
		results,
		receipt: outcome.receipt,
	};
}
