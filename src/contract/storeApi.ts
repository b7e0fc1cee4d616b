/**
 * The interface of the store thread: implemented in `src/session`, exposed by `workers/*.worker.ts`, called by `src/clients`.
 * Callbacks cross as comlink proxies; events are batched. Errors keep `name` and `message` only.
 */
import type { EvaluationTask, MetricRow, NamedPrediction } from './evaluation.ts';
import type { ColumnMapping, DatasetRecord, Library, ModelRecord, RunDetail } from './library.ts';
import type {
	BroughtBack,
	FoundLibrary,
	LibrarySource,
	MirrorState,
	SavedLibrary,
} from './mirror.ts';
import type { Progress } from './progress.ts';

/** A new language of the demo, and the seed of its paired words and texts. */
export interface DemoChoice {
	readonly language: DemoLanguageId;
	readonly seed: number;
	/** `choose`: items recipes are compared on; `report`: the items of every figure that is shown. */
	readonly draw: 'choose' | 'report';
}

export type DemoLanguageId = 'javanese' | 'sundanese';

export interface DemoLanguage {
	readonly dataset: DatasetRecord;
	/** A few words in both directions: the live curve. */
	readonly probe: readonly EvaluationTask[];
	/** Everything the table shows. */
	readonly final: readonly EvaluationTask[];
}

/** The one owner of imports, listings, deletion and export. */
export interface StoreApi {
	library(): Promise<Library>;
	/** The user has taken note that an earlier library was lost. */
	forgetLost(): Promise<void>;
	/** Asks the browser to keep the data; true if it will. */
	persist(): Promise<boolean>;
	/** Checks and copies a Hugging Face folder. Rejects with `BadInput` naming file and tensor. */
	importModel(
		name: string,
		files: readonly File[],
		onProgress: (progress: Progress) => void,
	): Promise<ModelRecord>;
	importDataset(name: string, file: File, mapping: ColumnMapping): Promise<DatasetRecord>;
	/** Stores the bundled model; the second call finds it. */
	importDemoModel(onProgress: (progress: Progress) => void): Promise<ModelRecord>;
	/** Writes the texts of one new language into a dataset; the same choice gives the same dataset. */
	importDemoLanguage(choice: DemoChoice): Promise<DemoLanguage>;
	run(id: string): Promise<RunDetail>;
	saveResults(runId: string, rows: readonly MetricRow[]): Promise<void>;
	/** Keeps the answers to one task with their run, in place of earlier ones. */
	saveAnswers(runId: string, predictions: readonly NamedPrediction[]): Promise<void>;
	/** All answers that are kept with a run. */
	answers(runId: string): Promise<NamedPrediction[]>;
	/** Keeps what a list of tasks (`tasksId`) gave on a run, or on a model that nothing was trained of. */
	saveFinal(owner: string, tasks: string, rows: readonly MetricRow[]): Promise<void>;
	/** What `saveFinal` kept; null where there is none. */
	final(owner: string, tasks: string): Promise<readonly MetricRow[] | null>;
	/** Deletes what `saveFinal` kept, so that it is measured again. */
	forgetFinals(owner: string): Promise<void>;
	/**
	 * Every tensor the run changed: safetensors with Hugging Face names; of LoRA a tar archive of the folder
	 * (adapter_config.json, adapter_model.safetensors) that PEFT loads. Named after the run, with its extension.
	 */
	exportRun(id: string): Promise<File>;
	/** Deletes and collects bytes nothing refers to. A model or dataset that runs still need is refused by name. */
	deleteModel(id: string): Promise<void>;
	deleteDataset(id: string): Promise<void>;
	deleteRun(id: string): Promise<void>;
	mirror(): Promise<MirrorState>;
	/** `told` hears of every change of the mirror's state from now on. */
	watchMirror(told: (state: MirrorState) => void): Promise<void>;
	/** Keeps the mirror in a folder the user chose, in one of the browser's own, or nowhere. */
	keepMirrorIn(place: FileSystemDirectoryHandle | 'browser' | 'off'): Promise<MirrorState>;
	/** The chosen folder: only the page may ask the browser for permission to write there. */
	mirrorFolder(): Promise<FileSystemDirectoryHandle | null>;
	/** Copies what changed at once. */
	mirrorNow(): Promise<MirrorState>;
	/** What a library of files holds. Rejects with `BadInput` where there is none. */
	lookAtLibrary(source: LibrarySource): Promise<FoundLibrary>;
	/** Takes everything the library lacks or has less of; what is damaged is named and passed over. */
	bringBack(source: LibrarySource, onProgress: (progress: Progress) => void): Promise<BroughtBack>;
	/**
	 * Writes records, datasets and, if asked for, newest checkpoints into one tar archive: to the file `into`, or, where
	 * that is null, into one that is handed back. Models are in it by name only.
	 */
	saveLibrary(
		checkpoints: boolean,
		into: FileSystemFileHandle | null,
		onProgress: (progress: Progress) => void,
	): Promise<{ readonly saved: SavedLibrary; readonly file: File | null }>;
}
