/**
 * The interface of the training thread: implemented in `src/session`, exposed by `workers/*.worker.ts`, called by `src/clients`.
 * Callbacks cross as comlink proxies; events are batched. Errors keep `name` and `message` only.
 */
import type { CometItem, CometSource, CometSummary } from './comet.ts';
import type { EvaluationProgress, EvaluationRequest, MetricRow, Prediction } from './evaluation.ts';
import type { LensChart, LensRequest } from './lens.ts';
import type { ModelSource, ModelSummary } from './model.ts';
import type { WeightFormat } from './precision.ts';
import type { Progress } from './progress.ts';
import type { LayerScores, ScoreRequest } from './selection.ts';
import type { RunSpec } from './spec.ts';
import type {
	Calibration,
	RunForecast,
	TrainJob,
	TrainOutcome,
	TrainingEvent,
} from './training.ts';
import type { VerificationReport } from './verification.ts';

export interface DeviceReport {
	readonly backend: 'webgpu' | 'wasm' | 'reference';
	readonly adapter: string;
	readonly software: boolean;
	/** Why this backend was taken, in words for the user. */
	readonly reason: string;
	/** Kernels that gave wrong values on this adapter, and what; their plain variants run instead. Absent: none. */
	readonly replaced?: readonly string[];
}

export interface GenerateRequest {
	readonly weights: 'base' | 'current';
	readonly prompt: string;
	readonly maximumTokens: number;
	/** 0 = greedy. */
	readonly temperature: number;
	readonly topP: number;
	readonly seed: number;
}

/** Owns the device: training, generation, evaluation. One job at a time. */
export interface TrainerApi {
	/**
	 * Chooses and starts a backend: `auto` takes WebGPU on a hardware adapter, else WASM. `threads`: of WASM, default
	 * all; 1 where several trainers run side by side.
	 */
	start(backend: 'auto' | 'webgpu' | 'wasm', threads?: number): Promise<DeviceReport>;
	/**
	 * Reads weights onto the device, replacing a loaded model. Matrices are kept in `format`, default f32, until a run
	 * asks for another.
	 */
	load(
		source: ModelSource,
		untie: boolean,
		onProgress: (progress: Progress) => void,
		format?: WeightFormat,
	): Promise<ModelSummary>;
	/** The same with an adapter in PEFT's format on it (`current`), in f32. */
	loadAdapted(
		source: ModelSource,
		adapter: Exclude<ModelSource, { kind: 'stored' }>,
		onProgress: (progress: Progress) => void,
	): Promise<ModelSummary>;
	/**
	 * From now on models and runs that need more bytes are refused before anything is allocated; null: only those that
	 * exceed what is known of the device, WASM's heap. No browser tells what a graphics card has.
	 */
	limitMemory(bytes: number | null): Promise<void>;
	/** Parameters, bytes and work of a spec on the loaded model; nothing is allocated. */
	forecast(spec: RunSpec): Promise<RunForecast>;
	/** Makes a few updates of the run for their time only; nothing is stored, and what was trained before is put away. */
	calibrate(job: Pick<TrainJob, 'spec' | 'train'>): Promise<Calibration>;
	/** Trains, or resumes from the newest stored checkpoint of `job.runId`. Resolves when finished or stopped. */
	train(job: TrainJob, onEvents: (events: TrainingEvent[]) => void): Promise<TrainOutcome>;
	pause(): Promise<void>;
	resume(): Promise<void>;
	/** While paused: runs one update. */
	step(): Promise<void>;
	/** Ends training after the running update; a checkpoint is written. */
	stop(): Promise<void>;
	/** Puts the weights of a stored run's newest checkpoint in place (`current`). */
	restore(runId: string): Promise<void>;
	generate(request: GenerateRequest, onText: (text: string) => void): Promise<string>;
	/** Rows in the order of the tasks; `onPredictions` is called once, before it resolves. */
	evaluate(
		request: EvaluationRequest,
		onProgress: (progress: EvaluationProgress) => void,
		onPredictions?: (predictions: readonly Prediction[]) => void | Promise<void>,
	): Promise<MetricRow[]>;
	/** What each layer says when words are to be translated: a chart for each set of words, in their order. */
	lens(request: LensRequest, onProgress: (progress: Progress) => void): Promise<LensChart[]>;
	/** Scores the layers of the loaded model as its files have it, whatever was trained. */
	scoreLayers(
		request: ScoreRequest,
		onProgress: (progress: Progress) => void,
	): Promise<LayerScores>;
	/** Ends a running generation, evaluation or scoring at the next batch; it rejects with `Cancelled`. */
	cancel(): Promise<void>;
	/** Compares the loaded model, with its adapter where it has one, with a reference file (JSON text). */
	verify(reference: string, onProgress: (progress: Progress) => void): Promise<VerificationReport>;
	/**
	 * Reads a COMET estimator onto the device, beside the model and in place of an estimator loaded before. From then on
	 * translations are scored with it. `cancel` gives it up.
	 */
	loadComet(source: CometSource, onProgress: (progress: Progress) => void): Promise<CometSummary>;
	/** COMET of each item; embeddings of sources and references are kept for the next call. Can be cancelled. */
	scoreComet(
		items: readonly CometItem[],
		onProgress: (progress: Progress) => void,
	): Promise<readonly number[]>;
	/** Compares the loaded estimator with a reference file (JSON text). */
	verifyComet(
		reference: string,
		onProgress: (progress: Progress) => void,
	): Promise<VerificationReport>;
}
