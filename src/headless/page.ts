/**
 * What the command line drives: the page opened with `?headless` has no surface, only these functions on `globalThis.lab`.
 */
import type { VerificationReport } from '../contract/verification.ts';
import type { DeviceReport } from '../contract/workers.ts';
import { evaluate } from './evaluateCommand.ts';
import { modelSource, reportProgress, type SharedFile, store, trainer } from './threads.ts';
import { stop, train as trainOn, type TrainRequest, type TrainResult } from './trainCommand.ts';

let device: DeviceReport | undefined;

async function start(backend: 'auto' | 'webgpu' | 'wasm'): Promise<DeviceReport> {
	device = await trainer().start(backend);
	return device;
}

async function train(request: TrainRequest): Promise<TrainResult> {
	return trainOn(request, device ?? (await start('auto')));
}

async function verify(request: {
	readonly model: readonly SharedFile[];
	readonly reference: SharedFile;
}): Promise<VerificationReport> {
	await trainer().load(modelSource(request.model), false, reportProgress);
	const response = await fetch(request.reference.url);
	return trainer().verify(await response.text(), reportProgress);
}

/** Starts a download of the tensors a run changed. */
async function exportRun(id: string): Promise<void> {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(await store().exportRun(id));
	link.download = `${id}.safetensors`;
	link.click();
}

const lab = { start, verify, train, evaluate, stop, exportRun };

declare global {
	var lab: Lab | undefined;
}
type Lab = typeof lab;

globalThis.lab = lab;
