/**
 * What the command line drives: the page opened with `?headless` has no surface, only these functions on `globalThis.lab`.
 */
import type { VerificationReport } from '../contract/verification.ts';
import type { DeviceReport, GenerateRequest } from '../contract/workers.ts';
import { reportFiles } from '../experiments/charts/report.ts';
import { verifyComet } from './cometCommand.ts';
import { demo, stopDemo } from './demoCommand.ts';
import { evaluate } from './evaluateCommand.ts';
import { score, scoreWithComet } from './scoreCommand.ts';
import { select } from './selectCommand.ts';
import { stopStudy, study } from './studyCommand.ts';
import { tokenize } from './tokenizeCommand.ts';
import { modelSource, report, reportProgress, type SharedFile, store, trainer } from './threads.ts';
import {
	forecast,
	stop,
	train as trainOn,
	type TrainRequest,
	type TrainResult,
} from './trainCommand.ts';

let device: DeviceReport | undefined;

async function start(backend: 'auto' | 'webgpu' | 'wasm'): Promise<DeviceReport> {
	device = await trainer().start(backend);
	return device;
}

async function train(request: TrainRequest): Promise<TrainResult> {
	return trainOn(request, device ?? (await start('auto')));
}

async function verify({
	model,
	adapter,
	reference,
	batch,
}: {
	readonly model: readonly SharedFile[];
	/** Files that PEFT saved, or null. */
	readonly adapter: readonly SharedFile[] | null;
	readonly reference: SharedFile;
	/** Reference file whose batch is meant where `reference` has none. */
	readonly batch: SharedFile | null;
}): Promise<VerificationReport> {
	// PEFT gives each module a copy of its own, in a tied model, too.
	await trainer().load(modelSource(model), adapter !== null, reportProgress);
	if (adapter) await trainer().loadAdapter(modelSource(adapter));
	const text = async ({ url }: SharedFile) => (await fetch(url)).text();
	const numbers = await text(reference);
	if (batch === null) return trainer().verify(numbers, reportProgress);
	const { input_ids, labels } = JSON.parse(await text(batch)) as Record<string, unknown>;
	const whole = { input_ids, labels, ...(JSON.parse(numbers) as object) };
	return trainer().verify(JSON.stringify(whole), reportProgress);
}

/** Continues a prompt with a model read in place; the whole text is told as it grows. */
async function generate(
	request: Omit<GenerateRequest, 'weights'> & { readonly model: readonly SharedFile[] },
): Promise<string> {
	const { model, ...rest } = request;
	await trainer().load(modelSource(model), false, reportProgress);
	return trainer().generate({ ...rest, weights: 'base' }, (text) => {
		report({ kind: 'text', text });
	});
}

/** Starts a download of the tensors a run changed. */
async function exportRun(id: string): Promise<void> {
	const link = document.createElement('a');
	const file = await store().exportRun(id);
	link.href = URL.createObjectURL(file);
	link.download = file.name;
	link.click();
}

const lab = {
	...{
		start,
		verify,
		verifyComet,
		train,
		forecast,
		evaluate,
		score,
		scoreWithComet,
		select,
		tokenize,
		generate,
	},
	...{ stop, exportRun, demo, stopDemo, study, stopStudy, reportFiles },
};

declare global {
	var lab: Lab | undefined;
}
type Lab = typeof lab;

globalThis.lab = lab;
