/** The lab's page driven from outside: what the commands have in common. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openLab } from './browser.mjs';
import { createProgress } from './progress.mjs';
import { takeSignals } from './signals.mjs';

/** Full path of a file that must be there. */
export function file(path) {
	const full = resolve(path);
	if (!statSync(full, { throwIfNoEntry: false })?.isFile())
		throw new Error(`${path}: no such file`);
	return full;
}

export function readJson(path) {
	try {
		return JSON.parse(readFileSync(file(path), 'utf8'));
	} catch (error) {
		throw new Error(`${path}: ${error.message}`, { cause: error });
	}
}

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Full paths of the files in a folder, which must be there, whose name ends in one of `endings`. */
function filesIn(folder, endings) {
	if (!isFolder(folder)) throw new Error(`${folder}: no such folder`);
	return readdirSync(folder)
		.filter((name) => endings.some((ending) => name.endsWith(ending)))
		.map((name) => resolve(folder, name));
}

/** Files of a Hugging Face folder that the lab reads. */
export function modelFiles(folder) {
	const paths = filesIn(folder, ['.json', '.safetensors', '.jinja']);
	if (!paths.some((path) => basename(path) === 'config.json'))
		throw new Error(`${folder}: no config.json in it; name a Hugging Face model folder`);
	return paths;
}

/** Files of a COMET folder; what is missing is told where they are read. */
export function estimatorFiles(folder) {
	const endings = ['.json', '.safetensors', '.ckpt', '.yaml'];
	const published = join(folder, 'checkpoints');
	return [...filesIn(folder, endings), ...(isFolder(published) ? filesIn(published, endings) : [])];
}

/** The two files of a folder that PEFT saved an adapter in. */
export function adapterFiles(folder) {
	return ['adapter_config.json', 'adapter_model.safetensors'].map((name) =>
		file(join(folder, name)),
	);
}

/** The result: JSON for programs, text for people. */
export function print(json, value, text) {
	console.log(json ? JSON.stringify(value, null, '\t') : text);
}

/** Takes what the page reports: moves the bar, tells the run's name, and where it goes on elsewhere than it was made. */
function showEvents(progress) {
	let steps = 0;
	const tell = (text) => {
		progress.stop();
		console.error(text);
	};
	const show = {
		progress: ({ done, total, label }) => progress.update(done, total, label),
		plan: ({ run, updates }) => {
			steps = updates;
			tell(`Run ${run}, ${steps} updates`);
		},
		step: ({ step, loss }) => progress.update(step + 1, steps, `updates, loss ${loss.toFixed(4)}`),
		notes: ({ notes }) => notes.forEach((note) => tell(`Note: ${note}`)),
		elsewhere: (event) => tell(elsewhere(event)),
		silence: (event) => tellSilence(event, tell),
		fallback: (event) => tell(fallback(event)),
		told: ({ text }) => tell(text),
		device: ({ report, workers }) => tell(`${deviceName(report)}; ${workers} side by side`),
		ended: (event) => tell(ended(event)),
	};
	return (event) => show[event.kind]?.(event);
}

/** Said once for each silence, where it begins: a terminal cannot take a line back. */
const tellSilence = ({ role, doing, seconds, limit, notice }, tell) => {
	if (seconds === notice)
		tell(
			`The ${role} has not answered for ${seconds} s, while ${doing}; at ${limit} s it is ended.`,
		);
};

const ended = ({ job, status, stored, seconds, error }) => {
	const how = stored ? 'stored' : `${(seconds.training + seconds.measuring).toFixed(0)} s`;
	return `${job}: ${status}${status === 'finished' ? `, ${how}` : ''}${error ? `: ${error}` : ''}`;
};

const fallback = ({ damaged, step, why }) =>
	`The checkpoint after ${damaged} updates is damaged; going on from the one after ${step}. ${why}`;

const elsewhere = ({ steps, before, now }) =>
	`The first ${steps} updates of this run were made on ${before}, the rest is made on ${now}: losses may differ in the last digits.`;

const deviceName = ({ backend, adapter, software, reason }) =>
	`${backend} (${adapter}${software ? ', software' : ''}): ${reason}`;

/** Opens the page, starts the device (none where `backend` is null), runs `work`, and closes everything whatever happens. */
export async function withLab({ backend, profile }, work) {
	const progress = createProgress();
	const signals = takeSignals();
	try {
		const lab = await openLab({ profile, onEvent: showEvents(progress) });
		try {
			const device = backend === null ? null : await lab.call('start', backend);
			if (device) console.error(deviceName(device));
			const lost = profile ? await lab.call('lost') : null;
			if (lost) console.error(lost);
			const result = await work({ ...lab, signals }, device);
			// The second copy is an extra: the work is done.
			await lab.call('mirrorStore').catch(() => undefined);
			return result;
		} finally {
			progress.stop();
			await lab.close();
		}
	} finally {
		signals.release();
	}
}

/**
 * Trains in an open lab: a new run of `model` (a folder) and `data` (a file), or `resume`, a run of the profile.
 * The first Ctrl-C ends training with a checkpoint, the second ends the program.
 */
export async function trainModel(lab, options) {
	lab.signals.gently(() => {
		console.error('Stopping after this update; Ctrl-C again ends at once.');
		lab.call('stop').catch(() => undefined);
	});
	try {
		return await lab.call('train', trainRequest(lab, options));
	} finally {
		lab.signals.gently(null);
	}
}

/** `TrainRequest` of src/headless/trainCommand.ts. */
export function trainRequest(lab, { resume, model, data, columns, changes, memory }) {
	return {
		resume: resume ?? null,
		model: resume ? null : { name: basename(resolve(model)), files: lab.share(modelFiles(model)) },
		dataset: resume ? null : { file: lab.share([file(data)])[0], mapping: columns ?? null },
		changes,
		memory: memory === undefined ? null : memory * 1e9,
	};
}

/** Writes the tensors a run changed. */
export async function download(lab, run, path) {
	const [file] = await Promise.all([lab.page.waitForEvent('download'), lab.call('exportRun', run)]);
	await file.saveAs(resolve(path));
}
