/** What is measured: texts of two languages, the held-out rows, sentiment; base against adapted. */
import type { EvaluationRequest, EvaluationTask, MetricRow } from '../contract/evaluation.ts';
import type { Progress } from '../contract/workers.ts';
import { compare } from './comparison.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import type { Models } from './models.svelte.ts';
import { columnsOf, guessColumn, sentimentExamples, type Table, textSet } from './texts.ts';
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
	readonly sentimentLanguage: string;
	readonly text: string;
	readonly label: string;
	readonly testRows: number;
	readonly runs: number;
	readonly seed: number;
}

export type Slot = 'texts' | 'train' | 'test';

const slotNames: Readonly<Record<Slot, string>> = {
	texts: 'The texts',
	train: 'The example file',
	test: 'The test file',
};

export class Measure {
	readonly #device: Device;
	readonly #library: Library;
	readonly #models: Models;
	readonly #language: Language;
	readonly #draft: Draft;
	readonly #training: Training;
	#sources = $state.raw<Readonly<Partial<Record<Slot, Source>>>>({});
	#choices = $state.raw<Choices>({
		heldOut: true,
		first: '',
		second: '',
		textRows: 60,
		sentimentLanguage: 'javanese',
		text: '',
		label: '',
		testRows: 60,
		runs: 3,
		seed: 3407,
	});
	#progress = $state.raw<Progress | null>(null);
	#failure = $state.raw<Failure | null>(null);

	readonly comparisons = $derived.by(() => compare(this.#training.results));
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
			this.#sources.texts !== undefined ||
			(this.#sources.train !== undefined && this.#sources.test !== undefined),
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
	}

	get choices(): Choices {
		return this.#choices;
	}

	get sources(): Readonly<Partial<Record<Slot, Source>>> {
		return this.#sources;
	}

	get progress(): Progress | null {
		return this.#progress;
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

	read = async (slot: Slot, file: File): Promise<void> => {
		this.#failure = null;
		try {
			const table = await this.#language.data().table(file);
			const columns = columnsOf(table);
			this.#sources = { ...this.#sources, [slot]: { name: file.name, table, columns } };
			if (slot === 'texts') {
				const first = guessColumn(columns, ['javanese', 'text']);
				const second = guessColumn(columns, ['english'], 1);
				this.set({ first, second: second === first ? '' : second });
			} else
				this.set({
					text: guessColumn(columns, ['text', 'sentence']),
					label: guessColumn(columns, ['label', 'sentiment'], columns.length - 1),
				});
		} catch (error) {
			this.#failure = explain(`${slotNames[slot]} could not be read`, error);
		}
	};

	/** Measures the base model and, where there is one, the adapted model on the same tasks. */
	run = async (): Promise<void> => {
		if (this.#progress || this.#training.busy) return;
		this.#failure = null;
		this.#progress = { done: 0, total: 1, label: 'Preparing' };
		try {
			// What is open now is what is measured, whatever is on show when the answers come.
			const run = this.#training.open?.id ?? null;
			const passes: readonly EvaluationRequest['weights'][] = this.adapted
				? ['base', 'current']
				: ['base'];
			const tasks = await this.#tasks();
			await this.#models.ensureLoaded();
			if (this.adapted) await this.#training.ensureTrained();
			for (const [pass, weights] of passes.entries()) {
				const rows = await this.#evaluate(weights, tasks, pass, passes.length);
				await this.#training.keep(run, rows);
			}
		} catch (error) {
			this.#failure = explain('The measurement ended early', error);
		} finally {
			this.#progress = null;
		}
	};

	cancel = async (): Promise<void> => {
		try {
			await this.#device.control.cancel();
		} catch (error) {
			this.#failure = explain('The measurement could not be cancelled', error);
		}
	};

	async #evaluate(
		weights: EvaluationRequest['weights'],
		tasks: readonly EvaluationTask[],
		pass: number,
		passes: number,
	): Promise<readonly MetricRow[]> {
		const name = weights === 'base' ? 'Base model' : 'Adapted model';
		const trainer = await this.#device.trainer();
		return trainer.evaluate({ weights, tasks }, ({ done, total, label }) => {
			if (this.#progress)
				this.#progress = {
					done: pass * total + done,
					total: passes * total,
					label: `${name}: ${label}`,
				};
		});
	}

	async #tasks(): Promise<readonly EvaluationTask[]> {
		const { heldOut, first, second, textRows, ...sentiment } = this.#choices;
		const { texts, train, test } = this.#sources;
		// The held-out rows of the run that was trained, whatever the form says by now.
		const spec = (this.adapted ? this.#training.open?.spec : null) ?? this.#draft.spec;
		const tasks: EvaluationTask[] = [];
		if (heldOut && spec.data.dataset !== '') {
			const prepared = await this.#training.prepare(spec);
			const name = `${this.#library.datasetName(spec.data.dataset)}, held out`;
			if (prepared.heldOut) tasks.push({ kind: 'block-loss', name, block: prepared.heldOut });
		}
		if (texts)
			for (const column of first === second
				? [first]
				: [first, second].filter((name) => name !== ''))
				tasks.push({ kind: 'text-loss', set: textSet(texts.table, column, textRows) });
		if (train && test) {
			const examples = (source: Source) =>
				sentimentExamples(source.table, sentiment.text, sentiment.label);
			tasks.push({
				kind: 'sentiment',
				set: {
					language: sentiment.sentimentLanguage,
					train: examples(train),
					test: examples(test).slice(0, sentiment.testRows),
				},
				runs: sentiment.runs,
				seed: sentiment.seed,
			});
		}
		return tasks;
	}
}
