/** The lab's page driven from outside: what the commands have in common. */
import { readdirSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { openLab } from './browser.mjs';
import { createProgress } from './progress.mjs';

/** Full path of a file that must be there. */
export function file(path) {
	const full = resolve(path);
	if (!statSync(full, { throwIfNoEntry: false })?.isFile())
		throw new Error(`${path}: no such file`);
	return full;
}

/** Files of a Hugging Face folder that the lab reads. */
export function modelFiles(folder) {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new Error(`${folder}: no such folder`);
	const paths = readdirSync(folder)
		.filter((name) => /\.(json|safetensors)$/.test(name))
		.map((name) => resolve(folder, name));
	if (!paths.some((path) => basename(path) === 'config.json'))
		throw new Error(`${folder}: no config.json in it; name a Hugging Face model folder`);
	return paths;
}

/** The result: JSON for programs, text for people. */
export function print(json, value, text) {
	console.log(json ? JSON.stringify(value, null, '\t') : text);
}

/** Opens the page, starts the device, runs `work`, and closes everything whatever happens. */
export async function withLab({ backend, profile }, work) {
	const progress = createProgress();
	let steps = 0;
	const lab = await openLab({
		profile,
		onEvent: (event) => {
			if (event.kind === 'progress') progress.update(event.done, event.total, event.label);
			if (event.kind === 'plan') steps = event.spec.steps;
			if (event.kind === 'step')
				progress.update(event.step + 1, steps, `updates, loss ${event.loss.toFixed(4)}`);
		},
	});
	try {
		const device = await lab.call('start', backend);
		const software = device.software ? ', software' : '';
		console.error(`${device.backend} (${device.adapter}${software}): ${device.reason}`);
		return await work(lab, device);
	} finally {
		progress.stop();
		await lab.close();
	}
}

/** The first Ctrl-C ends training with a checkpoint, the second ends the program. */
function stopOnInterrupt(lab) {
	const stop = () => {
		console.error('Stopping after this update; Ctrl-C again ends at once.');
		process.once('SIGINT', () => process.exit(130));
		lab.call('stop').catch(() => undefined);
	};
	process.once('SIGINT', stop);
	return () => process.off('SIGINT', stop);
}

/** Trains in an open lab: a new run of `model` (a folder) and `data` (a file), or `resume`, a run of the profile. */
export async function trainModel(lab, { resume, model, data, columns, changes }) {
	const release = stopOnInterrupt(lab);
	const result = await lab.call('train', {
		resume: resume ?? null,
		model: resume ? null : { name: basename(resolve(model)), files: lab.share(modelFiles(model)) },
		dataset: resume ? null : { file: lab.share([file(data)])[0], mapping: columns ?? null },
		changes,
	});
	release();
	return result;
}

/** Writes the tensors a run changed. */
export async function download(lab, run, path) {
	const [file] = await Promise.all([lab.page.waitForEvent('download'), lab.call('exportRun', run)]);
	await file.saveAs(resolve(path));
}
