// The only file that touches private fields of the tfjs WebGPU backend (pinned to 4.22.0): our compute
// passes go into its command encoder, so our work and tf operations run in the order they were called.
import {
	findBackend,
	findBackendFactory,
	registerBackend,
	removeBackend,
} from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

interface Privates {
	commandEncoder: GPUCommandEncoder | null;
	computePassEncoder: GPUComputePassEncoder | null;
	dispatchCountInPass: number;
	ensureCommandEncoderReady(): void;
	endComputePassEncoder(): void;
	submitQueue(): void;
}

export interface SharedEncoder {
	/** The open compute pass, opened where there is none. Pipeline and bind group must be set anew each time. */
	pass(): GPUComputePassEncoder;
	/** The command encoder outside any pass, for copies. */
	commands(): GPUCommandEncoder;
	/** Submits everything encoded by us and by tfjs; does nothing where nothing is. */
	submit(): void;
	/** Unregisters the tfjs backend where it is still ours. */
	close(): void;
}

/**
 * Registers `device` with tfjs under the name 'webgpu' (tfjs kernels are keyed by it). The active tfjs
 * backend stays what it was: call `tf.setBackend('webgpu')` to run tf operations there.
 * `beforeSubmit` runs right before every submit, tfjs' own included.
 */
export const shareEncoder = (
	device: GPUDevice,
	adapterInfo: GPUAdapterInfo,
	beforeSubmit: () => void,
): SharedEncoder => {
	// The package registers a factory of its own on import, with a device that lacks limits and features.
	const known: unknown = findBackendFactory('webgpu'); // Typed as if it always found one.
	if (known) removeBackend('webgpu');
	const backend = new WebGPUBackend(device, adapterInfo);
	registerBackend('webgpu', () => backend, 10);
	const inside = backend as unknown as Privates;
	const submitQueue = inside.submitQueue.bind(backend);
	inside.submitQueue = () => {
		// tfjs throws on a null encoder; a pass left open would make finish() fail.
		if (!inside.commandEncoder) return;
		inside.endComputePassEncoder();
		beforeSubmit();
		submitQueue();
	};
	const pass = () => {
		inside.ensureCommandEncoderReady();
		if (!inside.commandEncoder) throw new Error('tfjs gave no command encoder');
		inside.computePassEncoder ??= inside.commandEncoder.beginComputePass();
		return inside.computePassEncoder;
	};
	const commands = () => {
		inside.endComputePassEncoder();
		inside.ensureCommandEncoderReady();
		if (!inside.commandEncoder) throw new Error('tfjs gave no command encoder');
		return inside.commandEncoder;
	};
	return {
		pass,
		commands,
		submit: () => {
			inside.submitQueue();
		},
		close: () => {
			if (findBackend('webgpu') === backend) removeBackend('webgpu');
		},
	};
};
