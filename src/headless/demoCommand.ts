/** `lab demo` inside the page: a study of the demo on new languages and seeds. */
import { studyJobs } from '../clients/studyJobs.ts';
import { runStudy } from '../clients/studyRunner.ts';
import { openTrainer } from '../clients/trainer.ts';
import type { ModelRecord } from '../contract/library.ts';
import type { Study, StudyJob, StudyPoint } from '../contract/study.ts';
import type { DemoChoice } from '../contract/storeApi.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import { adaptationRecipe, adaptationSpec, type AdaptationRecipe } from '../demo/adaptation.ts';
import { demoMeasures, type Spread, spreadOverRuns } from '../experiments/demo/scores.ts';
import { demoStudies, type DemoStudyName } from '../experiments/demo/studies.ts';
import { type DemoRun, watchDemo } from './demoWatch.ts';
import { asFile, data, reportProgress, type SharedFile, store } from './threads.ts';

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

/** Runs a study; the command line is told how far it is. */
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
	const told = watchDemo(jobs, since);
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
