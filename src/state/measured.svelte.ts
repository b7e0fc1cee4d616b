/** What was measured of the run on show, or of the base model before any: shown, and stored with its run. */
import { keepMeasured, type StepResult } from '../clients/measureSteps.ts';
import type { MetricRow, NamedPrediction } from '../contract/evaluation.ts';
import { Answers } from './answers.svelte.ts';
import type { Library } from './library.svelte.ts';

/** Rows and answers of one task. */
type Kept = Pick<StepResult, 'rows' | 'predictions'>;

const same = (a: MetricRow, b: MetricRow): boolean =>
	a.task === b.task && a.subject === b.subject && a.weights === b.weights;

export class Measured {
	readonly answers = new Answers();
	readonly #library: Library;
	#run: string | null = null;
	#rows = $state.raw<readonly MetricRow[]>([]);
	/** Shown, but not stored: there is no record of a run yet. */
	#unstored: readonly Kept[] = [];

	constructor(library: Library) {
		this.#library = library;
	}

	get rows(): readonly MetricRow[] {
		return this.#rows;
	}

	/** Puts the rows of a run (null: none) on show, in place of all that was; its answers come with `readAnswers`. */
	show(run: string | null, rows: readonly MetricRow[]): void {
		this.#run = run;
		this.#rows = rows;
		this.#unstored = [];
		this.answers.show([]);
	}

	/** A run begins: what was measured of the base model before any stays beside it. */
	begin(run: string): void {
		if (this.#run !== null) this.show(run, []);
		this.#run = run;
	}

	/** Shows the stored answers of the run on show. */
	async readAnswers(): Promise<void> {
		const run = this.#run;
		if (run === null || !this.#library.run(run)) return;
		const stored = await this.#library.store().answers(run);
		if (run === this.#run) this.answers.show(stored);
	}

	/** Stores what was measured of a run (null: of the base model before any), and shows it if that is still on show. */
	async keep(
		run: string | null,
		rows: readonly MetricRow[],
		predictions: readonly NamedPrediction[],
	): Promise<void> {
		const kept = { rows, predictions };
		if (run === this.#run) {
			this.#rows = [...this.#rows.filter((old) => !rows.some((row) => same(old, row))), ...rows];
			this.answers.add(predictions);
		}
		if (run !== null && this.#library.run(run))
			await keepMeasured(this.#library.store(), run, kept);
		else if (run === this.#run) this.#unstored = [...this.#unstored, kept];
	}

	/** Stores what could not be stored before the run on show had a record. */
	async storeRest(): Promise<void> {
		const rest = this.#unstored;
		if (this.#run === null || rest.length === 0) return;
		this.#unstored = [];
		for (const kept of rest) await keepMeasured(this.#library.store(), this.#run, kept);
	}
}
