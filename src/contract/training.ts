/** What the training thread reports and what it is told. Plain data only: everything crosses a thread. */
import type { EvaluationTask, Measurement } from './evaluation.ts';
import type { LayerSet, RunSpec } from './spec.ts';

/** Token sequences ready for the device, cut and aligned: targets[i] is what should follow inputIds[i]. */
export interface TokenBlock {
	/** Number of sequences. */
	readonly count: number;
	readonly sequenceLength: number;
	/** [count * sequenceLength] */
	readonly inputIds: Int32Array;
	/** [count * sequenceLength]; -100 where nothing is to be predicted. */
	readonly targets: Int32Array;
	/**
	 * [count * sequenceLength]; place of every token in its own row where rows share a sequence: 0 begins a segment, which
	 * sees nothing outside itself. Absent: a sequence is one segment.
	 */
	readonly positions?: Int32Array;
}

/** What one update reports. */
export interface StepEvent {
	/** 0-based update. */
	readonly step: number;
	/** Mean cross-entropy per target token of the batch, before the update. */
	readonly loss: number;
	/** Global gradient norm before clipping. */
	readonly gradientNorm: number;
	readonly learningRate: number;
	/** Input tokens of the update, padding included. */
	readonly tokens: number;
	readonly seconds: number;
}

export type TrainingEvent =
	| ({ readonly kind: 'step' } & StepEvent)
	| { readonly kind: 'sample'; readonly step: number; readonly text: string }
	| ({ readonly kind: 'measured' } & Measurement)
	| { readonly kind: 'checkpoint'; readonly step: number; readonly bytes: number }
	/** The checkpoint after `damaged` updates could not be read (`why`): the run goes on from the one after `step`. */
	| {
			readonly kind: 'fallback';
			readonly damaged: number;
			readonly step: number;
			readonly why: string;
	  }
	| { readonly kind: 'state'; readonly state: 'running' | 'paused' };

export interface TrainJob {
	readonly runId: string;
	readonly spec: RunSpec;
	readonly train: TokenBlock;
	/** Prompt continued after every `every` updates; null: no live sample. */
	readonly sample: { readonly prompt: string; readonly every: number } | null;
	/**
	 * Tasks measured before the first update, after every `every` updates (or as many as it lists) and at the end, and
	 * kept with the run; null: none. The run itself is the same with and without.
	 */
	readonly probe: Probe | null;
}

export interface Probe {
	readonly tasks: readonly EvaluationTask[];
	readonly every: number | readonly number[];
}

/** Whether a probe measures after `step` of `last` updates. */
export function isProbed({ every }: Probe, step: number, last: number): boolean {
	if (step === 0 || step === last) return true;
	return typeof every === 'number' ? step % every === 0 : every.includes(step);
}

export interface TrainOutcome {
	readonly runId: string;
	readonly status: 'finished' | 'stopped';
	/** Updates done in total, resumed ones included. */
	readonly steps: number;
	readonly receipt: Receipt;
}

/** How one tensor changed over a run. */
export interface TensorChange {
	readonly name: string;
	readonly trainable: boolean;
	/** Frobenius norm of the difference and of the tensor before. */
	readonly change: number;
	readonly norm: number;
	/** sha-256 of the bytes before and after, in hex. */
	readonly before: string;
	readonly after: string;
}

/** Proof of what a run touched: frozen tensors must have before = after. */
export interface Receipt {
	readonly tensors: readonly TensorChange[];
	readonly frozenUnchanged: boolean;
}

/** Bytes by purpose and work, known before anything is allocated. */
export interface TrainingForecast {
	readonly layerSet: LayerSet;
	readonly trainableParameters: number;
	readonly totalParameters: number;
	readonly recompute: boolean;
	readonly bytes: {
		readonly weights: number;
		readonly gradients: number;
		readonly optimizer: number;
		readonly activations: number;
		readonly workspace: number;
		readonly total: number;
	};
	/** Floating point operations of one update. */
	readonly flopsPerStep: number;
}

/** A run like another that needs less memory. */
export interface SmallerRun {
	/** What differs, in words. */
	readonly what: string;
	readonly spec: RunSpec;
	/** Of its forecast, in total. */
	readonly bytes: number;
}

/** A run's memory against the device's. */
export interface MemoryFit {
	/** Bytes the device may hold; null where that is not known, and then everything fits. */
	readonly limit: number | null;
	/** Why it is not begun, with ways out, in words; null where it fits. */
	readonly refusal: string | null;
	/** Where it does not fit, runs that would, the one that changes least first. */
	readonly nearest: readonly SmallerRun[];
}

/** What a run will cost on the device that was started. */
export interface RunForecast extends TrainingForecast {
	readonly fit: MemoryFit;
}

/** What updates were measured to take. */
export interface Calibration {
	/** The middle one of three; of a run in stages, the mean over them. */
	readonly secondsPerUpdate: number;
	/** Bytes of all tensors on the device, most at a time. */
	readonly peakBytes: number;
}
