/** A figure of the paper on the bundled demo: its queue, how far it is, and what is drawn of it so far. */
import { type Rankings, rankingsOf } from '../clients/layerScores.ts';
import { type JobPlan, jobsOf } from '../clients/studyJobs.ts';
import { type Pace, studyPace } from '../clients/studyPace.ts';
import type { StudyQueue } from '../clients/studyQueue.ts';
import type { StudyResult } from '../clients/studyResult.ts';
import { runStudy, type StudyEvent } from '../clients/studyRunner.ts';
import { openTrainer } from '../clients/trainer.ts';
import type { RunRecord } from '../contract/library.ts';
import { type RunSpec, totalSteps } from '../contract/spec.ts';
import type { Progress } from '../contract/progress.ts';
import type { DemoLanguage, DemoLanguageId } from '../contract/storeApi.ts';
import { monolingualTexts } from '../demo/monolingual.ts';
import { baseConfig } from '../demo/recipe.ts';
import { demoStudyBase } from '../demo/studyBase.ts';
import { figureSvg } from '../experiments/charts/figureSvg.ts';
import type { FigurePoint } from '../experiments/paper/expand.ts';
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
import { shortenedBy } from './demoShort.ts';
import type { Device } from './device.svelte.ts';
import { explain, type Failure } from './failure.ts';
import { type FileKind, saveFigure } from './figureFiles.ts';
import { inTurn } from './inTurn.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';

export interface StudyItem {
	readonly id: string;
	readonly label: string;
	readonly state: 'waiting' | 'running' | StudyResult['status'];
	readonly step: number;
	readonly steps: number;
}

interface Areas {
	readonly device: Device;
	readonly library: Library;
	readonly language: Language;
}

/** Those of one language say it in their title. */
export const pageFigures = Object.values(figures).map((figure) =>
	figure.language ? figureIn(figure, figure.language) : figure,
);

/** Texts of each known language that language-specific neurons are counted on. */
const knownTexts = 400;
const layers = baseConfig.num_hidden_layers;
const seed = 1;
/** Each training thread keeps a model, gradients and moments of its own. */
const mostWorkers = 8;

export class Study {
	readonly #areas: Areas;
	readonly #steps = shortenedBy(location.search)?.steps ?? null;
	#figure = $state.raw<PaperFigure>(figures['figure-1']);
	#language = $state.raw<DemoLanguageId>('javanese');
	#busy = $state.raw(false);
	#stopping = $state.raw(false);
	#failure = $state.raw<Failure | null>(null);
	#items = $state.raw<readonly StudyItem[]>([]);
	#rows = $state.raw<readonly FigureRow[]>([]);
	#rankings = $state.raw<Rankings>({});
	#pace = $state.raw<Pace | null>(null);
	#progress = $state.raw<Progress | null>(null);
	#model = { name: 'demo', id: '', parameters: 0 };
	/** Of the base model with each language's texts. */
	readonly #ranked: Partial<Record<DemoLanguageId, Rankings>> = {};
	#outcomes: PointOutcome[] = [];
	#records: RunRecord[] = [];
	#queue = $state.raw<StudyQueue | null>(null);
	#abort = new AbortController();
	/** What is read of runs that have ended, in their order. */
	readonly #kept = inTurn((error) => {
		this.#failure = explain('The numbers of a finished run could not be read', error);
	});

	readonly figure = $derived.by(() => figureIn(this.#figure, this.#language));
	readonly svg = $derived.by(() => this.#draw(2));
	/** Its panels below one another. */
	readonly narrowSvg = $derived.by(() => this.#draw(1));
	/** True once there is something of the figure to see. */
	readonly drawn = $derived.by(
		() =>
			this.#rows.length > 0 ||
			(this.#figure.drawn === 'ranks' && Object.keys(this.#rankings).length > 0),
	);

	constructor(areas: Areas) {
		this.#areas = areas;
	}

	get language(): DemoLanguageId {
		return this.#language;
	}
	get busy(): boolean {
		return this.#busy;
	}
	get stopping(): boolean {
		return this.#stopping;
	}
	get failure(): Failure | null {
		return this.#failure;
	}
	/** Running ones first, then those that wait, in their order, then those that ended. */
	get items(): readonly StudyItem[] {
		return this.#items;
	}
	/** Whether runs can be moved, taken out and put in again: not while the study is prepared. */
	get changeable(): boolean {
		return this.#queue !== null;
	}
	get rows(): readonly FigureRow[] {
		return this.#rows;
	}
	get pace(): Pace | null {
		return this.#pace;
	}
	/** Of what comes before the runs: texts to tokens, scores of the layers. */
	get progress(): Progress | null {
		return this.#progress;
	}

	choose = (id: string): void => {
		if (this.#busy) return;
		this.#figure = figures[id as FigureId];
		this.#language = this.#figure.language ?? this.#language;
		this.#clear();
	};

	speak = (language: string): void => {
		if (this.#busy) return;
		this.#language = language as DemoLanguageId;
		this.#clear();
	};

	dismiss = (): void => {
		this.#failure = null;
	};

	/** Ends the running trainings, which keep a checkpoint; `start` goes on from there. */
	pause = (): void => {
		this.#stopping = true;
		this.#abort.abort();
	};

	move = (id: string, by: number): void => {
		this.#queue?.move(id, by);
		this.#order();
	};

	cancel = (id: string): void => {
		this.#queue?.cancel(id);
		this.#order();
	};

	retry = (id: string): void => {
		this.#queue?.retry(id);
		this.#change(id, { state: 'waiting' });
		this.#order();
	};

	/** Runs what is not stored yet. */
	start = async (): Promise<void> => {
		if (this.#busy) return;
		const { device, library } = this.#areas;
		this.#busy = true;
		this.#clear();
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		try {
			this.#model = await library.store().importDemoModel(this.#prepares);
			const choice = { language: this.#language, seed, draw: 'report' } as const;
			const material = await library.store().importDemoLanguage(choice);
			const base = demoStudyBase(this.#model.id, material.dataset.id, seed, this.#steps);
			this.#rankings = await this.#rank(material, base, signal);
			const adapter = { rank: 16, alpha: 16 };
			const setting = {
				layers,
				cogsymStep: 4,
				budget: null,
				adapter,
				rankings: this.#rankings,
			} as const;
			const plan = planFigures([this.figure], setting);
			const jobs = await this.#jobs(plan, material, base);
			this.#progress = null;
			const { take, pace } = studyPace(jobs);
			await runStudy({
				jobs,
				model: { id: this.#model.id, untie: false },
				openTrainer: () => openTrainer(),
				store: library.store(),
				backend: device.choice,
				workers: Math.max(1, Math.min(mostWorkers, navigator.hardwareConcurrency)),
				onEvent: (event) => {
					if (!this.#isPaused(event)) take(event);
					this.#pace = pace();
					this.#take(event, plan);
				},
				signal,
			});
		} catch (error) {
			this.#failure = explain('The study ended early', error);
		}
		// As long as it is busy no other figure can be chosen, which these would fill.
		await this.#kept.done();
		this.#busy = false;
		this.#stopping = false;
		this.#progress = null;
		this.#queue = null;
		await library.refresh();
	};

	export = async (kind: FileKind): Promise<void> => {
		const drawn = { rows: this.#rows, rankings: this.#rankings, layers };
		try {
			await saveFigure(kind, this.figure, {
				...drawn,
				model: this.#model,
				records: this.#records,
			});
		} catch (error) {
			this.#failure = explain('The figure could not be exported', error);
		}
	};

	#draw(columns: 1 | 2): string {
		const drawn = { rows: this.#rows, rankings: this.#rankings, layers };
		return figureSvg(this.figure, drawn, columns);
	}

	#clear(): void {
		this.#items = [];
		this.#rows = [];
		this.#rankings = {};
		this.#pace = null;
		this.#outcomes = [];
		this.#records = [];
		this.#failure = null;
	}

	#prepares = (progress: Progress): void => {
		if (this.#busy) this.#progress = progress;
	};

	/** What the figure shows or chooses layers by; each is made once. */
	async #rank({ dataset }: DemoLanguage, { data: spec }: RunSpec, signal: AbortSignal) {
		const { device, language } = this.#areas;
		const known = this.#ranked[this.#language] ?? {};
		const methods = this.#figure.rankings.filter((method) => known[method] === undefined);
		const texts = methods.includes('lape') ? monolingualTexts(knownTexts) : null;
		const model = {
			...{ id: this.#model.id, backend: device.choice, signal, openTrainer: () => openTrainer() },
			...{ data: language.data(), dataset: { rows: dataset.rows, spec }, texts },
		};
		const found = await rankingsOf(model, methods, this.#prepares);
		const all: Rankings = { ...known, ...found };
		this.#ranked[this.#language] = all;
		return all;
	}

	async #jobs(plan: FigurePlan, { probe, final }: DemoLanguage, base: RunSpec) {
		const about: JobPlan<FigurePoint> = {
			...{ prefix: `${this.#language}/${seed}`, model: this.#model, points: plan.points, final },
			...figureRuns(plan, base, probe),
		};
		const jobs = await jobsOf(this.#areas.language.data(), about, this.#prepares);
		this.#items = jobs.map(({ id, spec }, at) => ({
			...{ id, label: plan.points[at]?.label ?? id, state: 'waiting', step: 0 },
			steps: spec ? totalSteps(spec) : 0,
		}));
		return jobs;
	}

	/** What a pause ends goes on with the next start. */
	#isPaused(event: StudyEvent): boolean {
		return event.kind === 'ended' && event.result.status === 'cancelled' && this.#stopping;
	}

	#take(event: StudyEvent, plan: FigurePlan): void {
		if (event.kind === 'planned') ({ queue: this.#queue } = event);
		if (event.kind === 'started') this.#change(event.job, { state: 'running' });
		if (event.kind === 'training') {
			const last = event.events.findLast((one) => one.kind === 'step');
			if (last) this.#change(event.job, { step: last.step + 1 });
		}
		if (event.kind === 'ended') {
			const { job, status, error } = event.result;
			this.#change(job, { state: this.#isPaused(event) ? 'waiting' : status });
			if (error) this.#failure = explain(`${job} was not trained`, error);
			if (status === 'finished') this.#kept.add(() => this.#keep(event.result, plan));
		}
		if (event.kind !== 'training') this.#order();
	}

	async #keep({ job, run, rows }: StudyResult, plan: FigurePlan): Promise<void> {
		const point = job.split('/').at(-1) ?? job;
		const detail = run === null ? null : await this.#areas.library.store().run(run);
		if (detail) this.#records = [...this.#records, detail.record];
		const measurements = detail?.measurements ?? [];
		const outcome = { point, language: this.#language, seed, run, rows, measurements };
		this.#outcomes = [...this.#outcomes, outcome];
		this.#rows = figureRows(plan, this.#outcomes, layers);
	}

	#change(id: string, change: Partial<StudyItem>): void {
		this.#items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item));
	}

	#order(): void {
		const waiting = this.#queue?.waiting() ?? [];
		const rank = ({ id, state }: StudyItem) =>
			state === 'running' ? -1 : state === 'waiting' ? waiting.indexOf(id) : waiting.length;
		this.#items = [...this.#items].sort((a, b) => rank(a) - rank(b));
	}
}
