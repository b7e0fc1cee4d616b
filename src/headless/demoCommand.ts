/** `lab demo` inside the page: a study of the demo on new languages and seeds. */
import { studyJobs } from '../clients/studyJobs.ts';
import type { StudyResult } from '../clients/studyResult.ts';
import { runStudy, type StudyEvent } from '../clients/studyRunner.ts';
import { openTrainer } from '../clients/trainer.ts';
import type { Measurement } from '../contract/evaluation.ts';
import type { ModelRecord } from '../contract/library.ts';
import { totalSteps } from '../contract/spec.ts';
import type { Study, StudyJob, StudyPoint } from '../contract/study.ts';
import type { DemoChoice, DeviceReport } from '../contract/workers.ts';
import { adaptationRecipe, adaptationSpec, type AdaptationRecipe } from '../demo/adaptation.ts';
import { demoMeasures, type Spread, spreadOverRuns } from '../experiments/demo/scores.ts';
import { demoStudies, type DemoStudyName } from '../experiments/demo/studies.ts';
import { asFile, data, report, reportProgress, type SharedFile, store } from './threads.ts';

export interface DemoRequest {
	readonly study: DemoStudyName;
	readonly languages: readonly DemoChoice['language'][];
	readonly seeds: readonly number[];
	readonly draw: DemoChoice['draw'];
	/** Ids of points; null: all of the study. */
	readonly points: readonly string[] | null;
	/** Folder of a base model in place of the bundled one. */
	readonly model: { readonly name: string; readonly files: readonly SharedFile[] } | null;
	/** Fields that differ from the recipe. */
	readonly recipe: Partial<AdaptationRecipe>;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
	/** null: one per core. */
	readonly workers: number | null;
}

interface DemoRun extends Omit<StudyResult, 'job' | 'error' | 'metrics' | 'measurements'> {
	readonly language: string;
	readonly seed: number;
	readonly point: string;
	readonly error: string | null;
	/** Of every update. */
	readonly losses: readonly number[];
	/** What the probes measured, without the answers. */
	readonly curve: readonly Omit<Measurement, 'predictions'>[];
}

export interface DemoResult {
	readonly study: Study;
	readonly recipe: AdaptationRecipe;
	readonly draw: DemoChoice['draw'];
	readonly model: Pick<ModelRecord, 'id' | 'name' | 'parameters'>;
	readonly device: DeviceReport | null;
	readonly workers: number;
	readonly userAgent: string;
	/** From the call on; null where it did not happen. */
	readonly seconds: {
		readonly prepared: number;
		readonly firstLoss: number | null;
		readonly firstProbe: number | null;
		readonly total: number;
	};
	readonly cancelled: boolean;
	readonly runs: readonly DemoRun[];
	readonly table: {
		readonly measures: readonly string[];
		readonly points: readonly { readonly label: string; readonly scores: (Spread | null)[] }[];
	};
}

let abort = new AbortController();

/** Ends a running `demo`, which then resolves with what it has. */
export function stopDemo(): void {
	abort.abort();
}

/** Runs a study. What the runner tells is told to the command line, counted in updates of all runs. */
export async function demo(request: DemoRequest): Promise<DemoResult> {
	abort = new AbortController();
	const began = performance.now();
	const since = () => (performance.now() - began) / 1000;
	const recipe = { ...adaptationRecipe, ...request.recipe };
	const model = await importModel(request);
	const study = demoStudies[request.study](model.config.layers);
	const points = chosenPoints(study, request.points);
	const jobs = await allJobs(request, { recipe, model, points });
	const prepared = since();
	const told = watch(jobs, since);
	const results = await runStudy({
		jobs,
		model: { id: model.id, untie: false },
		openTrainer: () => openTrainer(),
		store: store(),
		backend: request.backend,
		workers: request.workers ?? navigator.hardwareConcurrency,
		onEvent: told.onEvent,
		signal: abort.signal,
	});
	const runs = results.map((result) => told.runOf(result));
	const { id, name, parameters } = model;
	const { device, workers, firstLoss, firstProbe } = told.seen();
	return {
		study: { ...study, points },
		recipe,
		draw: request.draw,
		model: { id, name, parameters },
		device,
		workers,
		userAgent: navigator.userAgent,
		seconds: { prepared, firstLoss, firstProbe, total: since() },
		cancelled: abort.signal.aborted,
		runs,
		table: {
			measures: demoMeasures.map(({ name }) => name),
			points: points.map(({ id, label }) => {
				const own = runs.filter(({ point, status }) => point === id && status === 'finished');
				return { label, scores: spreadOverRuns(own.map(({ rows }) => rows)) };
			}),
		},
	};
}

async function importModel({ model }: DemoRequest): Promise<ModelRecord> {
	if (model === null) return store().importDemoModel(reportProgress);
	const files = await Promise.all(model.files.map(asFile));
	return store().importModel(model.name, files, reportProgress);
}

function chosenPoints(study: Study, ids: readonly string[] | null): readonly StudyPoint[] {
	if (ids === null) return study.points;
	return ids.map((id) => {
		const found = study.points.find((point) => point.id === id);
		if (found) return found;
		const known = study.points.map((point) => point.id).join(', ');
		throw new Error(`${study.id} has no point "${id}"; it has ${known}`);
	});
}

async function allJobs(
	{ languages, seeds, draw }: DemoRequest,
	plan: {
		readonly recipe: AdaptationRecipe;
		readonly model: ModelRecord;
		readonly points: readonly StudyPoint[];
	},
): Promise<StudyJob[]> {
	const { recipe, model, points } = plan;
	const jobs: StudyJob[] = [];
	for (const language of languages)
		for (const seed of seeds) {
			if (abort.signal.aborted) return jobs;
			const choice = { language, seed, draw };
			const specOf = (point: StudyPoint, dataset: { readonly id: string }) =>
				adaptationSpec({ point, model: model.id, dataset: dataset.id, seed, recipe });
			const { probeEvery } = recipe;
			const threads = { store: store(), data: data() };
			const plan = { choice, model, points, probeEvery, specOf };
			jobs.push(...(await studyJobs(threads, plan, reportProgress)));
		}
	return jobs;
}

/** Collects what the runner tells, and reports how far the study is. */
function watch(jobs: readonly StudyJob[], since: () => number) {
	const losses = new Map<string, number[]>();
	const curves = new Map<string, Omit<Measurement, 'predictions'>[]>();
	let device: DeviceReport | null = null;
	let workers = 0;
	let firstLoss: number | null = null;
	let firstProbe: number | null = null;
	let ended = 0;
	const onEvent = (event: StudyEvent): void => {
		if (event.kind === 'device') ({ report: device, workers } = event);
		if (event.kind === 'started') {
			losses.set(event.job, []);
			curves.set(event.job, []);
		}
		if (event.kind === 'training')
			for (const one of event.events) {
				if (one.kind === 'step') {
					firstLoss ??= since();
					losses.get(event.job)?.push(one.loss);
				}
				if (one.kind === 'measured') {
					firstProbe ??= since();
					curves.get(event.job)?.push({ step: one.step, rows: one.rows });
				}
			}
		if (event.kind === 'ended') ended++;
		tell(event);
	};
	const tell = (event: StudyEvent): void => {
		if (event.kind === 'device') report({ ...event });
		if (event.kind === 'ended') {
			const { job, status, stored, seconds, error } = event.result;
			report({ kind: 'ended', job, status, stored, seconds, error: error?.message ?? null });
		}
		const updates = [...losses.values()].reduce((sum, { length }) => sum + length, 0);
		const total = jobs.reduce((sum, { spec }) => sum + (spec ? totalSteps(spec) : 0), 0);
		const label = `updates, ${ended} of ${jobs.length} points done`;
		reportProgress({ done: updates, total, label });
	};
	const runOf = (result: StudyResult): DemoRun => {
		const { job, error, metrics, measurements, ...rest } = result;
		const [language = '', seed = '', point = ''] = job.split('/');
		return {
			...rest,
			language,
			seed: Number(seed),
			point,
			error: error?.message ?? null,
			losses: losses.get(job) ?? metrics.map(({ loss }) => loss),
			curve: curves.get(job) ?? measurements.map(({ step, rows }) => ({ step, rows })),
		};
	};
	return { onEvent, runOf, seen: () => ({ device, workers, firstLoss, firstProbe }) };
}
