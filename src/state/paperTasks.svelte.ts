/** The tasks of the paper: on files as their publishers lay them out and on a table of one's own, with the same settings. */
import type {
	EvaluationTask,
	FileTask,
	FileTasks,
	NewLanguage,
	RunDraws,
} from '../contract/evaluation.ts';
import type { DataApi, FolderFile } from '../contract/dataApi.ts';
import { explain, type Failure } from './failure.ts';
import { droppedFiles, pickedFiles } from './files.ts';
import { OwnTable } from './ownTable.svelte.ts';
import { fileTaskNames, joined, taskFiles } from './taskFiles.ts';

export interface TaskSettings {
	readonly tasks: readonly FileTask[];
	readonly languages: readonly NewLanguage[];
	/** Items of each test set, from its top; null: all. */
	readonly items: number | null;
	readonly runs: number;
	readonly seed: number;
	/** Examples shown; null: as many as in the paper. */
	readonly shots: number | null;
	/** Whether words are looked at layer by layer, too. */
	readonly lens: boolean;
}

export class PaperTasks {
	readonly own: OwnTable;
	readonly #data: () => DataApi;
	#files = $state.raw<readonly FolderFile[]>([]);
	#comet = $state.raw<readonly FolderFile[]>([]);
	#failure = $state.raw<Failure | null>(null);
	#settings = $state.raw<TaskSettings>({
		tasks: ['words', 'translation', 'sentiment', 'exam'],
		languages: ['javanese'],
		...{ items: 60, runs: 3, seed: 3407, shots: null, lens: false },
	});

	/** Each task with what it finds in the picked files. */
	readonly found = $derived.by(() =>
		fileTaskNames.map((task) => taskFiles(task, this.#settings.languages, this.#files)),
	);
	readonly #chosen = $derived.by(() =>
		this.found.filter(({ task, usable }) => usable && this.#settings.tasks.includes(task)),
	);
	/** True if there is a task to measure. */
	readonly ready = $derived.by(() => this.#chosen.length > 0 || this.own.ready);
	/** True if words are among them. */
	readonly words = $derived.by(() => this.#includes('words'));
	/** True if translations are among them. */
	readonly translations = $derived.by(() => this.#includes('translation'));

	constructor(data: () => DataApi) {
		this.#data = data;
		this.own = new OwnTable(data);
	}

	get files(): readonly FolderFile[] {
		return this.#files;
	}

	/** Files of COMET-22; none: translations are measured without it. */
	get comet(): readonly FolderFile[] {
		return this.#comet;
	}

	get settings(): TaskSettings {
		return this.#settings;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	set = (change: Partial<TaskSettings>): void => {
		this.#settings = { ...this.#settings, ...change };
	};

	/** Takes a task in, or leaves it out. */
	toggle = (task: FileTask, on: boolean): void => {
		const others = this.#settings.tasks.filter((one) => one !== task);
		this.set({ tasks: on ? [...others, task] : others });
	};

	pick = (files: readonly File[]): Promise<void> => {
		this.#files = joined(this.#files, pickedFiles(files));
		return Promise.resolve();
	};

	drop = async (transfer: DataTransfer): Promise<void> => {
		try {
			this.#files = joined(this.#files, await droppedFiles(transfer));
		} catch (error) {
			this.#failure = explain('The folder could not be read', error);
		}
	};

	forget = (): void => {
		this.#files = [];
	};

	pickComet = (files: readonly File[]): Promise<void> => {
		this.#comet = pickedFiles(files);
		return Promise.resolve();
	};

	dropComet = async (transfer: DataTransfer): Promise<void> => {
		try {
			this.#comet = await droppedFiles(transfer);
		} catch (error) {
			this.#failure = explain('The folder could not be read', error);
		}
	};

	forgetComet = (): void => {
		this.#comet = [];
	};

	/** Rejects with `BadInput` naming file, row and column of what cannot be read. */
	async tasks(): Promise<FileTasks> {
		const { items, runs, seed, shots, languages } = this.#settings;
		const draws: RunDraws = shots === null ? { runs, seed } : { runs, seed, shots };
		const rows = items === null ? null : ([0, items] as const);
		const tasks: EvaluationTask[] = [];
		const notes: string[] = [];
		const add = (found: FileTasks) => {
			tasks.push(...found.tasks);
			notes.push(...found.notes);
		};
		if (this.own.ready) add(await this.own.tasks(draws, rows));
		if (this.#chosen.length > 0) {
			const names = this.#chosen.map(({ task }) => task);
			const files = this.#chosen.reduce<readonly FolderFile[]>(
				(all, { found }) => joined(all, found),
				[],
			);
			add(await this.#data().fileTasks(files, { tasks: names, languages, rows, ...draws }));
		}
		return { tasks, notes };
	}

	#includes(kind: 'words' | 'translation'): boolean {
		return (
			this.#chosen.some(({ task }) => task === kind) ||
			(this.own.ready && this.own.fields.kind === kind)
		);
	}
}
