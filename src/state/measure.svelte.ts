/** What is measured: texts of two languages, the held-out rows, the tasks of the paper; base against adapted. */
import { measurePace } from '../clients/measurePace.ts';
import {
	findTrained,
	measureStep,
	measureSteps,
	type MeasureStep,
} from '../clients/measureSteps.ts';
import { remarks } from '../clients/remarks.ts';
import type { EvaluationTask } from '../contract/evaluation.ts';
import type { LensChart } from '../contract/lens.ts';
import type { Progress } from '../contract/progress.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import { compare } from './comparison.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import type { Models } from './models.svelte.ts';
import { PaperTasks } from './paperTasks.svelte.ts';
import { columnsOf, guessColumn, type Table, textSet } from './texts.ts';
import type { Training } from './training.svelte.ts';

/** A table read from a file. */
export interface Source {
	readonly name: string;
	readonly table: Table;
	readonly columns: readonly string[];
}

export interface Choices {
	readonly heldOut: boolean;
	/** Columns of the text table; an empty second one means one language only. */
	readonly first: string;
	readonly second: string;
	readonly textRows: number;
}

export class Measure {
	readonly paper: PaperTasks;
	readonly #device: Device;
	readonly #library: Library;
	readonly #models: Models;
	readonly #language: Language;
	readonly #draft: Draft;
	readonly #training: Training;
	#texts = $state.raw<Source | null>(null);
	#choices = $state.raw<Choices>({ heldOut: true, first: '', second: '', textRows: 60 });
	#progress = $state.raw<Progress | null>(null);
	#secondsLeft = $state.raw<number | null>(null);
	#notes = $state.raw<readonly string[]>([]);
	#lens = $state.raw<readonly LensChart[]>([]);
	#failure = $state.raw<Failure | null>(null);
	#cancelled = false;
	/** Device and files that COMET was loaded on and from. */
	#comet: { readonly generation: number; readonly files: PaperTasks['comet'] } | null = null;

	readonly comparisons = $derived.by(() => compare(this.#training.measured.rows));
	/** What is to be known of the numbers. */
	readonly remarks = $derived.by(() => remarks(this.#training.measured.rows));
	/** True if the run on show has weights of its own to measure. */
	readonly adapted = $derived.by(
		() =>
			this.#training.receipt !== null ||
			this.#training.checkpoint !== null ||
			(this.#training.record?.checkpointStep ?? null) !== null,
	);
	/** True if at least one task is set up. */
	readonly ready = $derived.by(
		() =>
			(this.#choices.heldOut && this.#language.selected !== null) ||
			this.#texts !== null ||
			this.paper.ready,
	);

	constructor(
		device: Device,
		library: Library,
		models: Models,
		language: Language,
		draft: Draft,
		training: Training,
	) {
		this.#device = device;
		this.#library = library;
		this.#models = models;
		this.#language = language;
		this.#draft = draft;
		this.#training = training;
		this.paper = new PaperTasks(language.data);
	}

	get choices(): Choices {
		return this.#choices;
	}

	get texts(): Source | null {
		return this.#texts;
	}

	get progress(): Progress | null {
		return this.#progress;
	}

	/** null while it cannot be told. */
	get secondsLeft(): number | null {
		return this.#secondsLeft;
	}

	/** What of the files could not be used. */
	get notes(): readonly string[] {
		return this.#notes;
	}

	/** Of the newest measurement. */
	get lens(): readonly LensChart[] {
		return this.#lens;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	set = (change: Partial<Choices>): void => {
		this.#choices = { ...this.#choices, ...change };
	};

	readTexts = async (file: File): Promise<void> => {
		this.#failure = null;
		try {
			const table = await this.#language.data().table(file);
			const columns = columnsOf(table);
			this.#texts = { name: file.name, table, columns };
			const first = guessColumn(columns, ['javanese', 'text']);
			const second = guessColumn(columns, ['english'], 1);
			this.set({ first, second: second === first ? '' : second });
		} catch (error) {
			this.#failure = explain('The texts could not be read', error);
		}
	};

	/** Another run is on show, or none. */
	follow = async (): Promise<void> => {
		this.#lens = [];
		try {
			await this.#training.measured.readAnswers();
		} catch (error) {
			this.#failure = explain('The answers of the run could not be read', error);
		}
	};

	/** Measures the base model and, where there is one, the adapted model on the same tasks. */
	run = async (): Promise<void> => {
		if (this.#progress || this.#training.busy) return;
		this.#failure = null;
		this.#lens = [];
		this.#cancelled = false;
		this.#progress = { done: 0, total: 1, label: 'Preparing' };
		try {
			// What is open now is what is measured, whatever is on show when the answers come.
			const run = this.#training.open?.id ?? null;
			const adapted = this.adapted;
			const tasks = await this.#tasks();
			await this.#models.ensureLoaded();
			if (adapted && run !== null) await this.#training.weights.ensure(run);
			const trainer = await this.#device.trainer();
			if (tasks.some(({ kind }) => kind === 'translation')) await this.#loadComet(trainer);
			const trained = adapted ? await this.#trained(tasks) : [];
			const { lens } = this.paper.settings;
			await this.#measure(trainer, run, measureSteps(tasks, adapted, lens, trained));
		} catch (error) {
			this.#failure = explain('The measurement ended early', error);
		} finally {
			this.#progress = null;
			this.#secondsLeft = null;
		}
	};

	/** What is measured by then stays. */
	cancel = async (): Promise<void> => {
		this.#cancelled = true;
		try {
			await this.#device.control.cancel();
		} catch (error) {
			this.#failure = explain('The measurement could not be cancelled', error);
		}
	};

	async #measure(trainer: TrainerApi, run: string | null, steps: readonly MeasureStep[]) {
		const start = performance.now();
		const paceAfter = measurePace(steps);
		for (const [index, step] of steps.entries()) {
			if (this.#cancelled) return;
			const report = ({ done, total, label }: Progress): void => {
				// Callbacks take another way than answers: the last ones arrive when all is over.
				if (!this.#progress) return;
				const share = total > 0 ? done / total : 0;
				const pace = paceAfter(index, share, (performance.now() - start) / 1000);
				const name = step.weights === 'base' ? 'Base model' : 'Adapted model';
				this.#progress = { done: pace.done, total: pace.total, label: `${name}: ${label}` };
				this.#secondsLeft = pace.secondsLeft;
			};
			const { rows, predictions, charts } = await measureStep(trainer, step, report);
			this.#lens = [...this.#lens, ...charts];
			await this.#training.measured.keep(run, rows, predictions);
		}
	}

	async #loadComet(trainer: TrainerApi): Promise<void> {
		const { generation } = this.#device;
		const files = this.paper.comet;
		if (files.length === 0) return;
		if (this.#comet?.generation === generation && this.#comet.files === files) return;
		const source = { kind: 'files', files: files.map(({ file }) => file) } as const;
		await trainer.loadComet(source, (progress) => {
			if (this.#progress) this.#progress = progress;
		});
		this.#comet = { generation, files };
	}

	/** What of the tasks the run was trained on, as far as its rows are stored. */
	async #trained(tasks: readonly EvaluationTask[]) {
		const spec = this.#training.open?.spec;
		if (!spec) return [];
		const { trained, notes } = await findTrained(this.#language.data(), spec.data, tasks);
		this.#notes = [...this.#notes, ...notes];
		return trained;
	}

	async #tasks(): Promise<readonly EvaluationTask[]> {
		const { heldOut, first, second, textRows } = this.#choices;
		// The held-out rows of the run that was trained, whatever the form says by now.
		const spec = (this.adapted ? this.#training.open?.spec : null) ?? this.#draft.spec;
		const tasks: EvaluationTask[] = [];
		if (heldOut && spec.data.dataset !== '') {
			const prepared = await this.#training.prepare(spec);
			const name = `${this.#library.datasetName(spec.data.dataset)}, held out`;
			if (prepared.heldOut) tasks.push({ kind: 'block-loss', name, block: prepared.heldOut });
		}
		const columns = [first, second].filter(
			(name, at) => name !== '' && (at === 0 || name !== first),
		);
		if (this.#texts)
			for (const column of columns)
				tasks.push({ kind: 'text-loss', set: textSet(this.#texts.table, column, textRows) });
		const found = await this.paper.tasks();
		this.#notes = found.notes;
		return [...tasks, ...found.tasks];
	}
}
