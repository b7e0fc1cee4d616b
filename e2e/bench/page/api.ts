/** What the driver can ask of the page, and the contestants there are. */
import type { RunSpec, Selection } from '../../../src/contract/spec.ts';
import type { TrainingForecast } from '../../../src/contract/training.ts';
import type { PeakBytes, PeerBackend } from '../peers/peer.ts';

export type PeerName = 'lab' | 'tfjs-tape' | 'jax-js';

export interface Entry {
	readonly peer: PeerName;
	readonly backend: PeerBackend;
	/** Decoder layers of the model; default: the step's own 8. */
	readonly layers?: number;
	/** The lab only; default: everything trains. */
	readonly selection?: Selection;
	/** The lab only; default: false, activations are kept. */
	readonly recompute?: boolean;
}

export interface Facts {
	readonly name: string;
	readonly crossOriginIsolated: boolean;
	/** Vendor, architecture and description of the WebGPU adapter; null where there is none. */
	readonly adapter: string | null;
}

export interface Steps {
	readonly losses: readonly number[];
	/** Wall time of each step, loss read back and device idle. */
	readonly milliseconds: readonly number[];
}

/** A model, and prompts with their options as token ids. */
export interface ScoringJob {
	readonly backend: 'wasm' | 'webgpu';
	readonly files: readonly { readonly name: string; readonly bytes: readonly number[] }[];
	readonly items: readonly {
		readonly prompt: readonly number[];
		readonly options: readonly (readonly number[])[];
	}[];
}

export interface ScoredTwice {
	/** Milliseconds. */
	readonly oneByOne: number;
	readonly together: number;
	/** Largest sum of log p without its sign, and largest difference of the two ways. */
	readonly largestScore: number;
	readonly largestError: number;
}

/** A model and runs of it. */
export interface RunsJob {
	readonly backend: 'wasm' | 'webgpu';
	readonly files: ScoringJob['files'];
	readonly runs: readonly {
		readonly name: string;
		readonly spec: RunSpec;
		/** A `TokenBlock` whose numbers travel as JSON. */
		readonly sequences: {
			readonly count: number;
			readonly sequenceLength: number;
			readonly inputIds: readonly number[];
			readonly targets: readonly number[];
			readonly positions?: readonly number[];
		};
	}[];
	/** Timed updates of the calibration (0: none) and of the run, each after one that is not timed. */
	readonly updates: { readonly calibration: number; readonly measured: number };
}

export interface MeasuredRun {
	readonly name: string;
	readonly expected: {
		readonly bytes: TrainingForecast['bytes'];
		/** Of an update; null without a calibration. */
		readonly seconds: number | null;
	};
	readonly peakBytes: number;
	/** Of each timed update. */
	readonly seconds: readonly number[];
	/** Of the timed updates: tokens to be predicted, and tokens computed, padding included. */
	readonly targets: number;
	readonly places: number;
}

export interface BenchApi {
	/** Trains each run, and forecasts it. */
	runs(job: RunsJob): Promise<MeasuredRun[]>;

	/** Starts the page's contestant: one per page. */
	open(entry: Entry): Promise<Facts>;
	/** Takes steps first, first + 1, ... on the batches of those numbers. */
	steps(first: number, count: number): Promise<Steps>;
	/** Memory of the last step; null where the contestant cannot tell. */
	peakBytes(): Promise<PeakBytes | null>;
	close(): Promise<void>;
	/** Scores the items all together and one by one. */
	score(job: ScoringJob): Promise<ScoredTwice>;
}
