/** Models: importing a folder, choosing one, having it on the device. */
import type { ModelRecord } from '../contract/library.ts';
import type { ModelSummary } from '../contract/model.ts';
import type { Progress } from '../contract/progress.ts';
import { forModel } from './defaults.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import { droppedFolder, pickedFolder, type PickedFolder } from './files.ts';
import type { Library } from './library.svelte.ts';

interface Loaded {
	readonly key: string;
	readonly done: Promise<void>;
}

export class Models {
	readonly #device: Device;
	readonly #library: Library;
	readonly #draft: Draft;
	#progress = $state.raw<Progress | null>(null);
	#failure = $state.raw<Failure | null>(null);
	#ready = $state.raw<string | null>(null);
	#loading: Loaded | null = null;
	#summary = $state.raw<ModelSummary | null>(null);
	#loads = $state.raw(0);

	/** Called when the chosen model came onto the device. */
	onready: () => void = () => undefined;

	/** What was chosen. */
	readonly selected = $derived.by<ModelRecord | null>(() => {
		const id = this.#draft.spec.model;
		return this.#library.contents.models.find((model) => model.id === id) ?? null;
	});

	/** True if the chosen model, untied as chosen, is on the device. */
	readonly loaded = $derived.by(() => this.#ready === this.#key && this.#device.report !== null);

	/** What the files of the chosen model say once they were read; a record may be older than how they are read. */
	readonly config = $derived.by(
		() => (this.loaded ? this.#summary?.config : undefined) ?? this.selected?.config ?? null,
	);

	/** Where the files of the model on the device disagree, and what is not used of them. */
	readonly notes = $derived.by(() => (this.loaded ? (this.#summary?.notes ?? []) : []));

	readonly #key = $derived.by(() => {
		const { model, untie } = this.#draft.spec;
		return `${model} ${String(untie)} ${this.#device.generation}`;
	});

	constructor(device: Device, library: Library, draft: Draft) {
		this.#device = device;
		this.#library = library;
		this.#draft = draft;
	}

	get progress(): Progress | null {
		return this.#progress;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	/** Counts loads begun: weights put on the device before the newest one are gone. */
	get loads(): number {
		return this.#loads;
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	pick = async (files: readonly File[]): Promise<void> => {
		if (files.length > 0) await this.#import(pickedFolder(files));
	};

	drop = async (transfer: DataTransfer): Promise<void> => {
		try {
			await this.#import(await droppedFolder(transfer));
		} catch (error) {
			this.#failure = explain('The folder could not be read', error);
		}
	};

	choose = async (model: ModelRecord): Promise<void> => {
		this.#failure = null;
		if (model.id !== this.#draft.spec.model) this.#draft.replace(forModel(this.#draft.spec, model));
		await this.load();
	};

	setUntie = async (untie: boolean): Promise<void> => {
		this.#draft.patch({ untie });
		await this.load();
	};

	/** Puts the chosen model on the device and keeps the failure for the panel. */
	load = async (): Promise<void> => {
		if (!this.selected) return;
		this.#failure = null;
		try {
			await this.ensureLoaded();
		} catch (error) {
			this.#failure = explain(`${this.selected.name} could not be loaded`, error);
		}
	};

	/** Puts the chosen model on the device unless it is there, or on its way. */
	ensureLoaded = (): Promise<void> => {
		const key = this.#key;
		if (this.#loading?.key === key) return this.#loading.done;
		const before = this.#loading?.done.catch(() => undefined) ?? Promise.resolve();
		const done = before.then(() => this.#load(key));
		this.#loading = { key, done };
		done.catch(() => {
			if (this.#loading?.key === key) this.#loading = null;
		});
		return done;
	};

	/** Callbacks take another way than answers: the last ones arrive when the job is over, and are dropped. */
	#report = (progress: Progress): void => {
		if (this.#progress) this.#progress = progress;
	};

	async #load(key: string): Promise<void> {
		if (key !== this.#key) return;
		const { model, untie, precision } = this.#draft.spec;
		this.#ready = null;
		this.#progress = { done: 0, total: 1, label: 'Waiting for the device' };
		try {
			const trainer = await this.#device.trainer();
			this.#loads += 1;
			// WASM has one format; that another one was chosen is told where the run is planned.
			const format = this.#device.report?.backend === 'webgpu' ? precision?.frozen : undefined;
			this.#summary = await trainer.load(
				{ kind: 'stored', id: model },
				untie,
				this.#report,
				format,
			);
			this.#ready = key;
			this.onready();
		} finally {
			this.#progress = null;
		}
	}

	async #import({ name, files }: PickedFolder): Promise<void> {
		this.#failure = null;
		this.#progress = { done: 0, total: 1, label: `Reading ${name}` };
		try {
			const model = await this.#library.store().importModel(name, files, this.#report);
			await this.#library.refresh();
			this.#progress = null;
			await this.choose(model);
		} catch (error) {
			this.#failure = explain(`${name} was not imported`, error);
		} finally {
			this.#progress = null;
		}
	}
}
