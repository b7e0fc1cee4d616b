/** One run from start to receipt: prepare, load, train, pause, resume; or a stored run opened again. */
import { isNamed, namedError } from '../contract/errors.ts';
import { preparedNotes } from '../contract/leftOut.ts';
import type { RunRecord } from '../contract/library.ts';
import { canonicalJson, type RunSpec } from '../contract/spec.ts';
import type { Receipt, TrainingEvent } from '../contract/training.ts';
import { runId } from '../contract/runId.ts';
import { runStands } from '../contract/runStands.ts';
import type { PreparedData } from '../contract/dataApi.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, fallbackWords, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import { Measured } from './measured.svelte.ts';
import { recall, remember } from './memory.ts';
import type { Models } from './models.svelte.ts';
import { samplePrompt } from './samplePrompt.ts';
import { append, type Series } from './series.ts';
import { TrainedWeights } from './trainedWeights.ts';

export type Phase = 'idle' | 'preparing' | 'running' | 'paused' | 'stopping';

export interface Sample {
	readonly step: number;
	readonly text: string;
}

/** The run on show. */
export interface OpenRun {
	readonly id: string;
	readonly spec: RunSpec;
}

/** Updates between two live samples. */
const sampleEvery = 20;

export class Training {
	readonly measured: Measured;
	readonly weights: TrainedWeights;
	readonly #device: Device;
	readonly #library: Library;
	readonly #models: Models;
	readonly #language: Language;
	readonly #draft: Draft;
	#phase = $state.raw<Phase>('idle');
	#note = $state.raw('');
	#failure = $state.raw<Failure | null>(null);
	#open = $state.raw<OpenRun | null>(null);
	#series = $state.raw<Series>([]);
	#samples = $state.raw<readonly Sample[]>([]);
	#checkpoint = $state.raw<number | null>(null);
	#receipt = $state.raw<Receipt | null>(null);
	#prompt = $state.raw<string | null>(null);
	#left = $state.raw<readonly string[]>([]);
	#prepared: { readonly key: string; readonly data: PreparedData } | null = null;
	/** The model chosen last. */
	#model: string;
	/** Told when another run is on show, or none. */
	onshow: () => void = () => undefined;

	constructor(device: Device, library: Library, models: Models, language: Language, draft: Draft) {
		this.#device = device;
		this.#library = library;
		this.#models = models;
		this.#language = language;
		this.#draft = draft;
		this.#model = modelKey(draft.spec);
		this.measured = new Measured(library);
		this.weights = new TrainedWeights(device, models);
	}

	get phase(): Phase {
		return this.#phase;
	}
	/** What is being done, in words. */
	get note(): string {
		return this.#note;
	}
	get failure(): Failure | null {
		return this.#failure;
	}
	get open(): OpenRun | null {
		return this.#open;
	}
	get series(): Series {
		return this.#series;
	}
	get samples(): readonly Sample[] {
		return this.#samples;
	}
	/** Update of the newest checkpoint of this session. */
	get checkpoint(): number | null {
		return this.#checkpoint;
	}
	/** Which rows of the run on show were left out or cut. */
	get left(): readonly string[] {
		return this.#left;
	}
	get receipt(): Receipt | null {
		return this.#receipt;
	}

	/** Text the live sample continues: the user's own, else the prompt part of the shown row. */
	readonly prompt = $derived.by(
		() =>
			this.#prompt ??
			samplePrompt(this.#language.rendered, this.#models.selected?.config.contextLength ?? 0),
	);
	readonly busy = $derived.by(() => this.#phase !== 'idle');
	/** Stored record of the run on show. */
	readonly record = $derived.by<RunRecord | null>(() => this.#library.run(this.#open?.id ?? null));
	/** True if the form still describes the run on show. */
	readonly matches = $derived.by(
		() => this.#open !== null && canonicalJson(this.#open.spec) === canonicalJson(this.#draft.spec),
	);
	/** What is missing before training can start, in words; empty when ready. */
	readonly missing = $derived.by<readonly string[]>(() => [
		...(this.#models.selected ? [] : ['a model']),
		...(this.#language.selected ? [] : ['a dataset']),
	]);

	dismiss = (): void => {
		this.#failure = null;
	};

	setPrompt = (prompt: string): void => {
		this.#prompt = prompt;
	};

	/** Starts the run of the form, or continues it where its last checkpoint is. */
	start = async (): Promise<void> => {
		if (this.busy) return;
		const { spec } = this.#draft;
		this.#failure = null;
		this.#phase = 'preparing';
		try {
			const id = await runId(spec);
			await this.#show(id, spec);
			const { train } = await this.prepare(spec);
			this.#note = 'Putting the model on the device';
			await this.#models.ensureLoaded();
			const trainer = await this.#device.trainer();
			this.#note = 'Compiling the first update';
			this.#receipt = null;
			this.weights.forget();
			const sample = this.prompt === '' ? null : { prompt: this.prompt, every: sampleEvery };
			const outcome = await trainer.train(
				{ runId: id, spec, train, sample, probe: null },
				(events) => {
					if (this.#open?.id === id) this.#take(events);
				},
			);
			this.#receipt = outcome.receipt;
			this.weights.take(id);
		} catch (error) {
			this.#failure = explain('The training run ended early', this.#withRun(error));
		} finally {
			this.#phase = 'idle';
			this.#note = '';
			await this.#library.refresh();
		}
	};

	pause = (): Promise<void> => this.#tell((trainer) => trainer.pause());
	resume = (): Promise<void> => this.#tell((trainer) => trainer.resume());
	step = (): Promise<void> => this.#tell((trainer) => trainer.step());
	stop = (): Promise<void> => {
		this.#phase = 'stopping';
		return this.#tell((trainer) => trainer.stop());
	};

	/** Opens a stored run: its form, curve, receipt and results. */
	reopen = async (id: string): Promise<boolean> => {
		if (this.busy) return false;
		this.#failure = null;
		try {
			const { record, metrics, results } = await this.#library.store().run(id);
			this.#open = { id, spec: record.spec };
			this.#draft.replace(record.spec);
			remember('run', id);
			this.#series = metrics;
			this.measured.show(id, results);
			this.#receipt = record.receipt;
			this.#checkpoint = record.checkpointStep;
			this.#samples = [];
			this.#left = [];
			this.onshow();
			void this.#language.show(0);
			return true;
		} catch (error) {
			this.#failure = explain('The run could not be opened', error);
			return false;
		}
	};

	/** Opens the run that was on show before the page was reloaded, if it still exists. */
	reopenLast = async (): Promise<void> => {
		const id = recall('run');
		if (id !== null && this.#library.run(id)) await this.reopen(id);
	};

	/** What is on show belongs to its model: with another one chosen it is put away, not lost. */
	followModel = (): void => {
		const model = modelKey(this.#draft.spec);
		const shown = this.#open ? modelKey(this.#open.spec) : this.#model;
		this.#model = model;
		if (!this.busy && model !== shown) this.clear();
	};

	/** Forgets the run on show (its record was deleted, or a new one begins). The form stays. */
	clear = (): void => {
		this.#forget();
		this.measured.show(null, []);
		this.onshow();
	};

	#forget(): void {
		this.#open = null;
		remember('run', null);
		this.#series = [];
		this.#samples = [];
		this.#left = [];
		this.#receipt = null;
		this.#checkpoint = null;
	}

	/** Sequences of a spec, tokenised once as long as model and data stay. */
	prepare = async (spec: RunSpec): Promise<PreparedData> => {
		const key = canonicalJson([spec.model, spec.data]);
		if (this.#prepared?.key === key) return this.#told(this.#prepared.data, spec);
		this.#note = 'Turning rows into tokens';
		const data = await this.#language.data().prepare(spec.model, spec.data, (progress) => {
			this.#note = progress.label;
		});
		this.#prepared = { key, data };
		return this.#told(data, spec);
	};

	#told(data: PreparedData, spec: RunSpec): PreparedData {
		this.#left = preparedNotes(data, spec.data.rowTokens);
		return data;
	}

	async #show(id: string, spec: RunSpec): Promise<void> {
		if (this.#open?.id !== id) {
			this.#forget();
			this.measured.begin(id);
			if (this.#library.run(id)) {
				await this.measured.storeRest();
				const { metrics, results } = await this.#library.store().run(id);
				this.#series = metrics;
				this.measured.show(id, results);
			}
			this.onshow();
		}
		this.#open = { id, spec };
		remember('run', id);
	}

	/** A thread that is gone cannot say how far its run had come. */
	#withRun(error: unknown): unknown {
		const gone = isNamed(error) && (error.name === 'ThreadLost' || error.name === 'Unresponsive');
		const made = (this.#series.at(-1)?.step ?? -1) + 1;
		if (!gone || !this.#open || made === 0) return error;
		const stands = runStands(this.#open.id, made, this.#checkpoint);
		return namedError(error.name, `${error.message} ${stands}`);
	}

	#take = (events: readonly TrainingEvent[]): void => {
		this.#series = append(
			this.#series,
			events.filter((event) => event.kind === 'step'),
		);
		const samples = events.filter((event) => event.kind === 'sample');
		if (samples.length > 0) this.#samples = [...samples.reverse(), ...this.#samples].slice(0, 20);
		for (const event of events) {
			if (event.kind === 'checkpoint') this.#checkpoint = event.step;
			if (event.kind === 'state') this.#follow(event.state);
			if (event.kind === 'fallback') this.#failure = fallbackWords(event);
		}
		if (events.some((event) => event.kind === 'step')) {
			this.#note = '';
			void this.#storeMeasured();
		}
	};

	/** Once an update was made the run has a record, and what was measured before it can be stored beside it. */
	async #storeMeasured(): Promise<void> {
		try {
			await this.measured.storeRest();
		} catch (error) {
			this.#failure = explain('What was measured before the run was not stored', error);
		}
	}

	/** Events take another way than answers: a late one must not wake a run that has ended. */
	#follow(state: 'running' | 'paused'): void {
		if (this.#phase !== 'stopping' && this.#phase !== 'idle') this.#phase = state;
	}

	async #tell(order: (trainer: Device['control']) => Promise<void>): Promise<void> {
		try {
			await order(this.#device.control);
		} catch (error) {
			this.#failure = explain('The training thread did not follow', error);
		}
	}
}

const modelKey = (spec: RunSpec): string => `${spec.model} ${String(spec.untie)}`;
