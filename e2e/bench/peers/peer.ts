/** What a contestant of the engine bench is: the same training step, however it is computed. */
import type { StepConfig, Weights } from '../step.ts';

export type PeerBackend = 'wasm' | 'webgpu';

/** Device bytes handed out to tensors. */
export interface PeakBytes {
	/** Largest sum during the last step. */
	readonly total: number;
	/** Sum before that step: weights, optimizer state, constants. */
	readonly before: number;
}

export interface Peer {
	/** What runs, with versions and threads, for the result file. */
	readonly name: string;
	/** Takes a copy of the starting weights. Called once, before the first step. */
	setup(weights: Weights, config: StepConfig): Promise<void>;
	/** One update on inputIds, labels i32 [batch * length]; resolves to the mean loss before it, when all work is done. */
	step(inputIds: Int32Array, labels: Int32Array): Promise<number>;
	/** Memory of the last step, where the peer can tell. */
	peakBytes?(): PeakBytes;
	dispose(): Promise<void> | void;
}
