/** One study of the demo as it runs: what the runner tells, folded into what the page shows. */
import type { ModelRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { Study, StudyJob, StudyPoint } from '../contract/study.ts';
import type { Progress } from '../contract/progress.ts';
import type { DemoChoice } from '../contract/storeApi.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import { runId } from '../contract/runId.ts';
import { studyJobs } from '../clients/studyJobs.ts';
import { runStudy, type StudyEvent } from '../clients/studyRunner.ts';
import type { StudyResult } from '../clients/studyResult.ts';
import { openTrainer } from '../clients/trainer.ts';
import { adaptationRecipe, adaptationSpec } from '../demo/adaptation.ts';
import { keptCurve, keptText, withKept } from './demoKept.ts';
import { demoLayers, expectedSeconds, learnPace, mostWorkers } from './demoPace.ts';
import {
	atBeginning,
	change,
	type PointProgress,
	studySecondsLeft,
	studyShare,
	takeTraining,
} from './demoProgress.ts';
import { scoresOf } from './demoScores.ts';
import { type Shortened } from './demoShort.ts';
import { milestone } from './demoSpoken.ts';
import type { Device } from './device.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import { recall, remember } from './memory.ts';

export type DemoPhase = 'idle' | 'preparing' | 'running' | 'stopping';

/** What a run of the demo is about. */
interface Subject {
	readonly study: Study;
	readonly choice: DemoChoice;
}

export interface DemoDevice {
	readonly backend: DeviceReport['backend'];
	/** Trainings side by side. */
	readonly workers: number;
}

export class DemoRun {
	readonly #chosen: Device;
	readonly #library: Library;
	readonly #language: Language;
	readonly #shortened: Shortened | null;
	/** Updates of a stage. */
	readonly steps: number;
	#subject: Subject;
	#phase = $state.raw<DemoPhase>('idle');
	#note = $state.raw('');
	#failure = $state.raw<Failure | null>(null);
	#points = $state.raw<readonly PointProgress[]>([]);
	#elapsed = $state.raw(0);
	#workers = $state.raw(1);
	#device = $state.raw<DemoDevice | null>(null);
	#spoken = $state.raw('');
	#began = 0;
	#abort = new AbortController();

	readonly busy = $derived.by(() => this.#phase !== 'idle');
	readonly complete = $derived.by(
		() => !this.busy && this.#points.every(({ state }) => state === 'done'),
	);
	readonly share = $derived.by(() => studyShare(this.#points, demoLayers));
	readonly secondsLeft = $derived.by(() => {
		const pace = { layers: demoLayers, workers: this.#workers, elapsed: this.#elapsed };
		return this.#phase === 'running' ? studySecondsLeft(this.#points, pace) : null;
	});

	constructor(
		areas: { readonly device: Device; readonly library: Library; readonly language: Language },
		shortened: Shortened | null,
		subject: Subject,
	) {
		this.#chosen = areas.device;
		this.#library = areas.library;
		this.#language = areas.language;
		this.#shortened = shortened;
		this.steps = shortened?.steps ?? adaptationRecipe.steps;
		this.#subject = subject;
		this.show(subject);
	}

	get phase(): DemoPhase {
		return this.#phase;
	}
	/** What is being done, in words. */
	get note(): string {
		return this.#note;
	}
	get failure(): Failure | null {
		return this.#failure;
	}
	get points(): readonly PointProgress[] {
		return this.#points;
	}
	/** What trains; null until it is known. */
	get device(): DemoDevice | null {
		return this.#device;
	}
	get elapsed(): number {
		return this.#elapsed;
	}
	/** Milestones, for those who listen. */
	get spoken(): string {
		return this.#spoken;
	}

	/** Seconds a study takes on this machine, as far as is known before it begins. */
	expected(study: Study): number {
		return expectedSeconds(study, this.steps);
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	/** Puts on show what was kept of another study, or its beginning. */
	show(subject: Subject): void {
		if (this.busy) return;
		this.#subject = subject;
		this.#points = withKept(atBeginning(subject.study, this.steps), recall(this.#key()));
		this.#failure = null;
		this.#spoken = '';
	}

	cancel = (): void => {
		if (!this.busy) return;
		this.#phase = 'stopping';
		this.#abort.abort();
	};

	/** Trains what is not trained yet. */
	start = (): Promise<void> => this.#run(false);
	/** Trains everything anew, what is stored included. */
	again = (): Promise<void> => this.#run(true);

	/** The run of a configuration; null where it trains nothing. */
	specOf(
		point: StudyPoint,
		model: Pick<ModelRecord, 'id'>,
		dataset: { readonly id: string },
	): RunSpec | null {
		const recipe = { ...adaptationRecipe, steps: this.steps };
		const { seed } = this.#subject.choice;
		return adaptationSpec({ point, model: model.id, dataset: dataset.id, seed, recipe });
	}

	/** Name under which results are kept. */
	#key(): string {
		const { study, choice } = this.#subject;
		const short = this.#shortened ? ` ${JSON.stringify(this.#shortened)}` : '';
		return `demo ${study.id} ${choice.language}${short}`;
	}

	#report = ({ label }: Progress): void => {
		if (this.#phase === 'preparing') this.#note = label;
	};

	async #run(anew: boolean): Promise<void> {
		if (this.busy) return;
		this.#failure = null;
		this.#phase = 'preparing';
		this.#note = 'Opening the bundled model';
		this.#points = atBeginning(this.#subject.study, this.steps);
		this.#elapsed = 0;
		this.#device = null;
		const abort = new AbortController();
		this.#abort = abort;
		try {
			const model = await this.#library.store().importDemoModel(this.#report);
			const jobs = await this.#jobs(model);
			await this.#library.refresh();
			if (anew) await this.#forget(model, jobs);
			if (!abort.signal.aborted) await this.#train(model, jobs, abort.signal);
		} catch (error) {
			this.#failure = explain('The demo ended early', error);
		} finally {
			this.#end();
			await this.#library.refresh();
		}
	}

	#jobs(model: ModelRecord): Promise<StudyJob[]> {
		const { study, choice } = this.#subject;
		return studyJobs(
			{ store: this.#library.store(), data: this.#language.data() },
			{
				choice,
				model,
				points: study.points,
				probeEvery: Math.min(adaptationRecipe.probeEvery, Math.ceil(this.steps / 2)),
				specOf: (point, dataset) => this.specOf(point, model, dataset),
			},
			this.#report,
		);
	}

	/** Deletes what an earlier visit trained and measured. */
	async #forget(model: ModelRecord, jobs: readonly StudyJob[]): Promise<void> {
		await this.#library.store().forgetFinals(model.id);
		for (const { spec } of jobs) {
			const id = spec && (await runId(spec));
			if (id !== null && this.#library.run(id)) await this.#library.store().deleteRun(id);
		}
	}

	async #train(model: ModelRecord, jobs: readonly StudyJob[], signal: AbortSignal): Promise<void> {
		this.#phase = 'running';
		this.#note = '';
		this.#began = performance.now();
		this.#workers = Math.min(mostWorkers(), jobs.length);
		await runStudy({
			jobs,
			model: { id: model.id, untie: false },
			openTrainer: () => openTrainer(),
			store: this.#library.store(),
			backend: this.#chosen.choice,
			workers: this.#workers,
			onEvent: this.#take,
			signal,
		});
		// A shortened study takes its time for other things than updates.
		if (!signal.aborted && !this.#shortened)
			learnPace(this.#points, this.steps, this.#workers, this.#elapsed);
		remember(this.#key(), keptText(this.#points, Date.now()));
	}

	#take = (event: StudyEvent): void => {
		this.#elapsed = (performance.now() - this.#began) / 1000;
		const before = this.#points;
		switch (event.kind) {
			case 'device':
				this.#workers = event.workers;
				this.#device = { backend: event.report.backend, workers: event.workers };
				break;
			case 'started':
				this.#points = change(before, pointOf(event.job), () => ({ state: 'running' }));
				break;
			case 'training':
				this.#points = change(before, pointOf(event.job), (one) => takeTraining(one, event.events));
				break;
			case 'measuring':
				this.#points = change(before, pointOf(event.job), (one) => ({
					state: 'measuring',
					step: one.steps,
				}));
				break;
			case 'ended':
				this.#points = change(before, pointOf(event.result.job), () => this.#ended(event.result));
		}
		this.#spoken = milestone(before, this.#points) ?? this.#spoken;
	};

	#ended({ job, run, status, stored, rows, metrics, error }: StudyResult): Partial<PointProgress> {
		if (status === 'cancelled') return { state: 'waiting' };
		if (status === 'failed') {
			this.#failure = explain(`One configuration (${pointOf(job)}) was not trained`, error);
			return { state: 'failed' };
		}
		const done = { state: 'done', scores: scoresOf(rows) } as const;
		if (!stored) return done;
		return {
			...done,
			losses: metrics,
			step: metrics.length,
			curve: keptCurve(recall(this.#key()), pointOf(job)),
			// Nothing was trained of the base model, so that no day of training is to be told.
			storedAt: run === null ? null : (this.#library.run(run)?.updatedAt ?? 0),
		};
	}

	#end(): void {
		this.#phase = 'idle';
		this.#note = '';
		if (this.complete) this.#spoken = 'The study is finished: the result is below.';
	}
}

/** Jobs are named language/seed/point. */
function pointOf(job: string): string {
	return job.split('/').at(-1) ?? job;
}
