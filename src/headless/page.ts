/**
 * What the command line drives: the page opened with `?headless` has no surface, only these functions on `globalThis.lab`.
 */
import { guardedFetch } from '../contract/guardedFetch.ts';
import type { VerificationReport } from '../contract/verification.ts';
import type { DeviceReport, GenerateRequest } from '../contract/trainerApi.ts';
import { onSilence } from '../clients/silence.ts';
import { reportFiles } from '../experiments/charts/report.ts';
import { verifyComet } from './cometCommand.ts';
import { demo, stopDemo } from './demoCommand.ts';
import { evaluate } from './evaluateCommand.ts';
import { bringBack, contents, saveLibrary } from './libraryCommand.ts';
import { loadModel } from './loadModel.ts';
import { importModel, library, lost, readRun, remove } from './profileCommand.ts';
import { offerFile } from './offerFile.ts';
import { readObject } from './readObject.ts';
import { score, scoreWithComet } from './scoreCommand.ts';
import { select } from './selectCommand.ts';
import { spoken } from './spoken.ts';
import { stopStudy, study } from './studyCommand.ts';
import {
	mirrorStore,
	modelSource,
	report,
	reportProgress,
	type SharedFile,
	store,
	trainer,
} from './threads.ts';
import { tokenize } from './tokenizeCommand.ts';
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
	await loadModel(modelSource(model), { adapter: adapter && modelSource(adapter) });
	const text = async ({ url }: SharedFile) => (await guardedFetch(url)).text();
	const numbers = await text(reference);
	if (batch === null) return trainer().verify(numbers, reportProgress);
	const { input_ids, labels } = readObject(await text(batch), batch.name);
	const whole = { input_ids, labels, ...readObject(numbers, reference.name) };
	return trainer().verify(JSON.stringify(whole), reportProgress);
}

/** Continues a prompt with a model read in place; the whole text is told as it grows. */
async function generate(
	request: Omit<GenerateRequest, 'weights'> & { readonly model: readonly SharedFile[] },
): Promise<string> {
	const { model, ...rest } = request;
	await loadModel(modelSource(model));
	return trainer().generate({ ...rest, weights: 'base' }, (text) => {
		report({ kind: 'text', text });
	});
}

/** Starts a download of the tensors a run changed. */
async function exportRun(id: string): Promise<void> {
	offerFile(await store().exportRun(id));
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
	...{ library, readRun, lost, importModel, remove },
	...{ stop, exportRun, demo, stopDemo, study, stopStudy, reportFiles },
	...{ contents, saveLibrary, bringBack, mirrorStore },
};

type Lab = typeof lab;

declare global {
	/** Runs a function of the page by its name; what goes wrong comes back in words, and with its stack. */
	var lab: ((name: keyof Lab, argument: never) => Promise<Answer>) | undefined;
}

type Answer =
	| { readonly value: unknown }
	| { readonly error: string; readonly name: string; readonly stack: string };

globalThis.lab = async (name, argument) => {
	try {
		return { value: await (lab[name] as (argument: never) => unknown)(argument) };
	} catch (error) {
		const { name: kind, message } = spoken(error);
		const stack = error instanceof Error ? (error.stack ?? '') : '';
		return { error: message, name: kind, stack };
	}
};

onSilence((all) => {
	for (const { role, doing, seconds, notice, limit } of all)
		report({ kind: 'silence', role, doing, seconds, notice, limit });
});
