/** `lab study` inside the page: figures of the paper, from their runs to their rows. */
import { type Rankings, rankingsOf } from '../clients/layerScores.ts';
import { jobsOf } from '../clients/studyJobs.ts';
import { studyPace } from '../clients/studyPace.ts';
import type { StudyResult } from '../clients/studyResult.ts';
import { runStudy, type StudyEvent } from '../clients/studyRunner.ts';
import { openTrainer } from '../clients/trainer.ts';
import type { NewLanguage } from '../contract/evaluation.ts';
import { preparedNotes } from '../contract/leftOut.ts';
import type { ModelRecord, RunEnvironment, RunRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import type { PreparedData } from '../contract/dataApi.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import { checkMeasured } from '../experiments/measures.ts';
import type { FigureSetting } from '../experiments/paper/expand.ts';
import { type FigureId, figureIn, type PaperFigure } from '../experiments/paper/figure.ts';
import { figures } from '../experiments/paper/figures.ts';
import {
	type FigurePlan,
	type FigureRow,
	figureRows,
	figureRuns,
	planFigures,
	type PointOutcome,
} from '../experiments/paper/plan.ts';
import { publishedModel, publishedScores } from '../selection/published.ts';
import {
	type Fields,
	importStudyModel,
	knownTexts,
	type Material,
	type OwnMaterial,
	studyMaterial,
} from './studyMaterial.ts';
import { data, report, reportProgress, store } from './threads.ts';

export interface StudyRequest {
	readonly figures: readonly FigureId[];
	/** null: the bundled demo. */
	readonly own: OwnMaterial | null;
	/** null: those of the figures, Javanese where they have none. */
	readonly language: NewLanguage | null;
	readonly seeds: readonly number[];
	readonly changes: Fields;
	/** Items of each test set that are measured, [from, to); null: all. */
	readonly items: readonly [number, number] | null;
	readonly setting: Pick<FigureSetting, 'cogsymStep' | 'budget' | 'adapter'>;
	/** Ids of runs; null: all. */
	readonly points: readonly string[] | null;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
	/** null: one per core. */
	readonly workers: number | null;
}

export interface StudyAnswer {
	readonly figures: readonly PaperFigure[];
	readonly rows: readonly FigureRow[];
	readonly rankings: Rankings;
	readonly model: Pick<ModelRecord, 'id' | 'name' | 'parameters'> & { readonly layers: number };
	readonly runs: readonly {
		readonly job: string;
		readonly run: string | null;
		readonly status: StudyResult['status'];
		readonly stored: boolean;
		readonly error: string | null;
		readonly seconds: StudyResult['seconds'];
	}[];
	/** With specification, environment and receipt. */
	readonly records: readonly RunRecord[];
	readonly environment: RunEnvironment | null;
	readonly device: DeviceReport | null;
	readonly workers: number;
	readonly notes: readonly string[];
	readonly cancelled: boolean;
	/** From the first job on; null where all were stored. */
	readonly seconds: number | null;
}

let abort = new AbortController();

/** Ends a running `study`, which then resolves with what it has. */
export function stopStudy(): void {
	abort.abort();
}

/** Runs what the figures need and is not stored yet; the command line is told how far it is. */
export async function study(request: StudyRequest): Promise<StudyAnswer> {
	abort = new AbortController();
	const { own } = request;
	const model = await importStudyModel(own);
	const { layers } = model.config;
	const chosen = request.figures.map((id) => figureOf(id, request.language));
	const languages = [...new Set(chosen.map(({ language }) => language))];
	const notes: string[] = [];
	const [firstSeed = 1] = request.seeds;
	const first = { language: languages[0] ?? 'javanese', seed: firstSeed };
	const { changes, items } = request;
	const material = await studyMaterial(own, model, { ...first, changes, items });
	for (const figure of chosen) checkMeasured(figure, material.final);
	const rankings = await rank(request, model, material, chosen, notes);
	const setting = { layers, ...request.setting, rankings };
	const plans = languages.map((language) => {
		const own = chosen.filter((figure) => figure.language === language);
		return { language, plan: planFigures(own, setting) };
	});
	const jobs = await allJobs(request, model, plans, notes);
	const watched = watch(jobs);
	const results = await runStudy({
		jobs,
		model: { id: model.id, untie: material.base.untie },
		openTrainer: () => openTrainer(),
		store: store(),
		backend: request.backend,
		workers: request.workers ?? navigator.hardwareConcurrency,
		onEvent: watched.onEvent,
		signal: abort.signal,
	});
	const records = new Map<string, RunRecord>();
	const outcomes = await Promise.all(results.map((result) => outcomeOf(result, records)));
	const { device, workers, seconds } = watched.seen();
	const { id, name, parameters } = model;
	return {
		figures: chosen,
		rows: plans.flatMap(({ plan }) => figureRows(plan, outcomes.flat(), layers)),
		rankings,
		model: { id, name, parameters, layers },
		runs: results.map(({ job, run, status, stored, error, seconds }) => ({
			...{ job, run, status, stored, seconds, error: error?.message ?? null },
		})),
		records: [...records.values()],
		environment: [...records.values()][0]?.environment ?? null,
		...{ device, workers, seconds },
		notes: [...new Set(notes)],
		cancelled: abort.signal.aborted,
	};
}

/** The figure in the language that is asked for, else in its own. */
const figureOf = (id: FigureId, language: NewLanguage | null) =>
	figureIn(figures[id], language ?? figures[id].language ?? 'javanese');

/** The rankings that the figures need; those published of Llama-2-7B for a model of its shape, which are dear to make. */
async function rank(
	{ own, backend }: StudyRequest,
	{ id, config }: ModelRecord,
	{ base, rows }: Material,
	chosen: readonly PaperFigure[],
	notes: string[],
): Promise<Rankings> {
	const needed = [...new Set(chosen.flatMap((figure) => figure.rankings))];
	const texts = needed.includes('lape') ? await knownTexts(own) : null;
	const isKnown = publishedModel(config);
	const published = (['lape', 'heavy-tail'] as const).filter(
		(name) => isKnown && needed.includes(name) && (name === 'heavy-tail' || texts === null),
	);
	for (const name of published) notes.push(`${name}: scores as published for Llama-2-7B.`);
	const methods = needed.filter((name) => !published.some((other) => other === name));
	if (methods.includes('lape') && texts === null)
		notes.push('Without --texts no language-specific neurons are counted.');
	const dataset = { rows, spec: base.data };
	const model = {
		...{ id, backend, texts, dataset, data: data() },
		...{ openTrainer: () => openTrainer(), signal: abort.signal },
	};
	const known = published.map((name) => [name, publishedScores(name)] as const);
	return {
		...Object.fromEntries(known),
		...(await rankingsOf(model, methods, reportProgress)),
	};
}

interface LanguagePlan {
	readonly language: NewLanguage;
	readonly plan: FigurePlan;
}

async function allJobs(
	request: StudyRequest,
	model: ModelRecord,
	plans: readonly LanguagePlan[],
	notes: string[],
): Promise<StudyJob[]> {
	checkPoints(plans, request.points);
	const jobs: StudyJob[] = [];
	for (const { language, plan } of plans) {
		const points = plan.points.filter(({ id }) => request.points?.includes(id) ?? true);
		for (const seed of request.seeds) {
			const { changes, items } = request;
			const asked = { language, seed, changes, items };
			const material = await studyMaterial(request.own, model, asked);
			const { base, final, probe } = material;
			notes.push(...material.notes);
			const about = {
				...{ prefix: `${language}/${seed}`, model, points, final },
				...figureRuns(plan, base, probe),
			};
			const prepared = (one: PreparedData, { data: { rowTokens } }: RunSpec) => {
				const told = preparedNotes(one, rowTokens);
				notes.push(...told.map((note) => `${language}: ${note}`));
			};
			jobs.push(...(await jobsOf(data(), about, reportProgress, prepared)));
		}
	}
	return jobs;
}

/** Throws where a run that was asked for is in none of the figures. */
function checkPoints(plans: readonly LanguagePlan[], asked: readonly string[] | null): void {
	const known = new Set(plans.flatMap(({ plan }) => plan.points.map(({ id }) => id)));
	const other = asked?.find((id) => !known.has(id));
	if (other === undefined) return;
	throw new Error(`There is no run "${other}"; there are ${[...known].join(', ')}`);
}

/** Tells the command line, in updates of all runs. */
function watch(jobs: readonly StudyJob[]) {
	const { take, pace } = studyPace(jobs);
	let device: DeviceReport | null = null;
	let workers = 0;
	let began: number | null = null;
	const onEvent = (event: StudyEvent): void => {
		take(event);
		if (event.kind === 'device') {
			({ report: device, workers } = event);
			report({ ...event });
		}
		if (event.kind === 'notes') report({ ...event });
		if (event.kind === 'started') began ??= performance.now();
		if (event.kind === 'ended') {
			const { error, job, status, stored, seconds } = event.result;
			report({ kind: 'ended', job, status, stored, seconds, error: error?.message ?? null });
		}
		const { done, total, ended, secondsLeft } = pace();
		const label = `updates, ${ended} of ${jobs.length} runs done`;
		reportProgress({ done, total, label }, secondsLeft);
	};
	const seconds = () => (began === null ? null : (performance.now() - began) / 1000);
	return { onEvent, seen: () => ({ device, workers, seconds: seconds() }) };
}

/** None where the job has no result. */
async function outcomeOf(
	{ job, run, status, rows }: StudyResult,
	records: Map<string, RunRecord>,
): Promise<PointOutcome[]> {
	if (status !== 'finished') return [];
	const [language, seed, point = ''] = job.split('/');
	const about = { point, language: language as NewLanguage, seed: Number(seed), run, rows };
	if (run === null) return [{ ...about, measurements: [] }];
	const { record, measurements } = await store().run(run);
	records.set(run, record);
	return [{ ...about, measurements }];
}
