/**
 * The operations of the engine on the CPU: our own SIMD kernels (assembly/, compiled from AssemblyScript) on
 * the heap of the tfjs wasm backend. With cross-origin isolation the heap is shared and helper workers take
 * part; without, everything runs on the calling thread. Results do not depend on the number of threads.
 */
import type { Ops } from '../ops.ts';
import { activationOps } from './activationOps.ts';
import { adamW8bitOps } from './adamW8bitOps.ts';
import { attentionOps } from './attentionOps.ts';
import { axpbyOps } from './axpbyOps.ts';
import { createDevice } from './device.ts';
import { encoderOps } from './encoderOps.ts';
import { linearOps } from './linearOps.ts';
import { lossOps } from './lossOps.ts';
import { memoryOps } from './memoryOps.ts';
import { rowOps } from './rowOps.ts';

export interface WasmOptions {
	/** Threads to compute on, the caller's included; default: one per core, at most 8. */
	readonly threads?: number;
}

/**
 * Starts the wasm backend. Call it in a worker: there the calling thread may sleep while helpers finish.
 * @throws where WebAssembly SIMD is missing.
 */
export async function createWasmOps(options: WasmOptions = {}): Promise<Ops> {
	const device = await createDevice(options.threads);
	return {
		info: { backend: 'wasm', adapter: device.description, software: false },
		...memoryOps(device),
		...linearOps(device),
		...rowOps(device),
		...activationOps(device),
		...attentionOps(device),
		...encoderOps(device),
		...lossOps(device),
		...adamW8bitOps(device),
		...axpbyOps(device),
	};
}
