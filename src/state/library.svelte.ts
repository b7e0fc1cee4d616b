/** What the browser keeps: models, datasets, runs, and how much room there is. */
import type { Library as Contents, RunRecord } from '../contract/library.ts';
import type { StoreApi } from '../contract/storeApi.ts';
import { reopening } from '../clients/connect.ts';
import { lostWords } from '../clients/lostWords.ts';
import { openStore } from '../clients/store.ts';
import { download } from './download.ts';
import { explain, type Failure } from './failure.ts';

export type Kind = 'model' | 'dataset' | 'run';

const empty: Contents = {
	models: [],
	datasets: [],
	runs: [],
	storage: { usage: 0, quota: 0, persisted: false },
	lost: null,
};

export class Library {
	readonly store: () => StoreApi = reopening(openStore);
	/** Called whenever the library was read. */
	onread: () => void = () => undefined;
	/** Name of a model that came without its files. */
	absentName: (id: string) => string | undefined = () => undefined;
	#contents = $state.raw<Contents>(empty);
	#read = $state.raw(false);
	#failure = $state.raw<Failure | null>(null);
	#persistRefused = $state.raw(false);
	#exporting = $state.raw<string | null>(null);

	get contents(): Contents {
		return this.#contents;
	}

	/** False until the store answered once. */
	get read(): boolean {
		return this.#read;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	/** True if the browser declined to keep the data for good. */
	get persistRefused(): boolean {
		return this.#persistRefused;
	}

	/** Run being exported. */
	get exporting(): string | null {
		return this.#exporting;
	}

	refresh = async (): Promise<void> => {
		try {
			this.#contents = await this.store().library();
		} catch (error) {
			this.#failure = explain('The library could not be read', error);
		}
		this.#read = true;
		this.onread();
	};

	run(id: string | null): RunRecord | null {
		return this.#contents.runs.find((run) => run.id === id) ?? null;
	}

	modelName(id: string): string {
		const stored = this.#contents.models.find((model) => model.id === id)?.name;
		return stored ?? this.absentName(id) ?? 'deleted model';
	}

	datasetName(id: string): string {
		return this.#contents.datasets.find((dataset) => dataset.id === id)?.name ?? 'deleted dataset';
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	/** What the browser has lost, in words, until the user has read it. */
	get lost(): Failure | null {
		const { lost } = this.#contents;
		return lost && { name: 'Lost', ...lostWords(lost) };
	}

	/** The user has read that an earlier library is gone. */
	forgetLost = async (): Promise<void> => {
		await this.store().forgetLost();
		await this.refresh();
	};

	persist = async (): Promise<void> => {
		this.#failure = null;
		try {
			this.#persistRefused = !(await this.store().persist());
			await this.refresh();
		} catch (error) {
			this.#failure = explain('The browser could not be asked to keep the data', error);
		}
	};

	/** Deletes and reads the library again; true if it was deleted. */
	remove = async (kind: Kind, id: string): Promise<boolean> => {
		this.#failure = null;
		const store = this.store();
		try {
			if (kind === 'model') await store.deleteModel(id);
			else if (kind === 'dataset') await store.deleteDataset(id);
			else await store.deleteRun(id);
			return true;
		} catch (error) {
			this.#failure = explain(`The ${kind} was not deleted`, error);
			return false;
		} finally {
			await this.refresh();
		}
	};

	/** Hands the changed tensors of a run to the browser's downloads. */
	download = async (id: string): Promise<void> => {
		this.#failure = null;
		this.#exporting = id;
		try {
			const file = await this.store().exportRun(id);
			const ending = file.name.slice(file.name.lastIndexOf('.'));
			download(new File([file], this.fileName(id) + ending));
		} catch (error) {
			this.#failure = explain('The run could not be exported', error);
		}
		this.#exporting = null;
	};

	private fileName(id: string): string {
		const run = this.run(id);
		const name = run ? `${this.modelName(run.spec.model)}-${run.spec.selection.method}` : 'run';
		return `${name}-${id.slice(0, 8)}`.replaceAll(/[^\w.-]+/g, '-');
	}
}
