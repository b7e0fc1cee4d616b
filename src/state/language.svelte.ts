/** The language to learn: importing rows, mapping columns, how a row is laid out and graded. */
import type { ColumnMapping, DatasetRecord } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi, DatasetPreview, RenderedRow } from '../contract/dataApi.ts';
import { reopening } from '../clients/connect.ts';
import { openData } from '../clients/data.ts';
import { forDataset } from './defaults.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Library } from './library.svelte.ts';

/** A file opened but not yet imported. */
export interface Opened {
	readonly file: File;
	readonly name: string;
	readonly preview: DatasetPreview;
	readonly mapping: ColumnMapping;
}

const nothing: RenderedRow = { text: '', graded: [] };

export class Language {
	readonly data: () => DataApi = reopening(openData);
	readonly #library: Library;
	readonly #draft: Draft;
	#opened = $state.raw<Opened | null>(null);
	#busy = $state.raw<string | null>(null);
	#failure = $state.raw<Failure | null>(null);
	/** Why the row on show is not shown: gone as soon as one is. */
	#unshown = $state.raw<Failure | null>(null);
	#row = $state.raw(0);
	#rendered = $state.raw<RenderedRow>(nothing);
	/** The model whose chat template laid out the row on show. */
	#model = '';

	readonly selected = $derived.by<DatasetRecord | null>(() => {
		const id = this.#draft.spec.data.dataset;
		return this.#library.contents.datasets.find((dataset) => dataset.id === id) ?? null;
	});

	constructor(library: Library, draft: Draft) {
		this.#library = library;
		this.#draft = draft;
	}

	get opened(): Opened | null {
		return this.#opened;
	}

	/** What is being done, in words. */
	get busy(): string | null {
		return this.#busy;
	}

	get failure(): Failure | null {
		return this.#failure ?? (this.selected ? this.#unshown : null);
	}

	/** Row shown as the template lays it out, counted from 0; the page says it from 1. */
	get row(): number {
		return this.#row;
	}

	get rendered(): string {
		return this.#rendered.text;
	}

	/** Parts of it that are graded, [from, to). */
	get graded(): RenderedRow['graded'] {
		return this.#rendered.graded;
	}

	dismiss = (): void => {
		this.#failure = null;
		this.#unshown = null;
	};

	open = async (file: File): Promise<void> => {
		this.#failure = null;
		this.#busy = `Reading ${file.name}`;
		try {
			const preview = await this.data().preview(file, undefined, this.#chosenModel());
			this.#opened = {
				file,
				name: file.name.replace(/\.(jsonl?|parquet|csv|tsv|txt)$/i, ''),
				preview,
				// What cannot be told is chosen by the user: a guess would be trained on.
				mapping: preview.mapping ?? { instruction: null, input: null, output: '' },
			};
		} catch (error) {
			this.#failure = explain(`${file.name} could not be read`, error);
		}
		this.#busy = null;
	};

	/** Takes other columns, and looks what becomes of the rows. Only the newest choice may answer. */
	map = async (change: Partial<ColumnMapping>): Promise<void> => {
		const before = this.#opened;
		if (!before) return;
		const { file } = before;
		const mapping = { ...before.mapping, ...change };
		this.#failure = null;
		this.#opened = { ...before, mapping };
		if (mapping.output === '') return;
		try {
			const preview = await this.data().preview(file, mapping, this.#chosenModel());
			const now = this.#opened;
			if (now.mapping === mapping) this.#opened = { ...now, preview };
		} catch (error) {
			this.#failure = explain(`${file.name} could not be read`, error);
		}
	};

	/** Lays a chat out anew where another model is chosen. */
	followModel = (): void => {
		const { model, data } = this.#draft.spec;
		if (data.template === 'chat' && model !== this.#model) void this.show(this.#row);
	};

	#chosenModel(): string | undefined {
		const { model } = this.#draft.spec;
		return model === '' ? undefined : model;
	}

	rename = (name: string): void => {
		if (this.#opened) this.#opened = { ...this.#opened, name };
	};

	discard = (): void => {
		this.#opened = null;
		this.#failure = null;
	};

	import = async (): Promise<void> => {
		const opened = this.#opened;
		if (!opened) return;
		this.#failure = null;
		this.#busy = `Storing ${opened.name}`;
		try {
			const { name, file, mapping } = opened;
			const dataset = await this.#library.store().importDataset(name, file, mapping);
			await this.#library.refresh();
			this.#opened = null;
			await this.choose(dataset);
		} catch (error) {
			this.#failure = explain(`${opened.name} was not imported`, error);
		}
		this.#busy = null;
	};

	choose = async (dataset: DatasetRecord): Promise<void> => {
		if (dataset.id !== this.#draft.spec.data.dataset)
			this.#draft.replace(forDataset(this.#draft.spec, dataset));
		await this.show(0);
	};

	change = async (change: Partial<DataSpec>): Promise<void> => {
		this.#draft.patchData(change);
		await this.show(this.#row);
	};

	/** Shows another row, laid out. Only the newest request may answer. */
	show = async (row: number): Promise<void> => {
		const dataset = this.selected;
		if (!dataset) return;
		this.#row = Math.max(0, Math.min(row, dataset.rows - 1));
		const { data, model } = this.#draft.spec;
		const wanted = this.#row;
		this.#model = model;
		const isNewest = () =>
			wanted === this.#row && data === this.#draft.spec.data && model === this.#draft.spec.model;
		try {
			const rendered = await this.data().render(model, data, wanted);
			if (!isNewest()) return;
			this.#rendered = rendered;
			this.#unshown = null;
		} catch (error) {
			if (!isNewest()) return;
			this.#rendered = nothing;
			this.#unshown = explain(`Row ${wanted + 1} of ${dataset.name} could not be shown`, error);
		}
	};
}
