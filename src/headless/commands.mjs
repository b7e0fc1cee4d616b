/** What `lab verify`, `lab train` and `lab evaluate` do, outside the page. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { openLab } from './browser.mjs';
import { metricTable, receiptSummary, trainSummary, verificationTable } from './print.mjs';
import { createProgress } from './progress.mjs';
import { overlay, specChanges } from './specChanges.mjs';

function file(path) {
	const full = resolve(path);
	if (!statSync(full, { throwIfNoEntry: false })?.isFile())
		throw new Error(`${path}: no such file`);
	return full;
}

/** Files of a Hugging Face folder that the lab reads. */
function modelFiles(folder) {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
		throw new Error(`${folder}: no such folder`);
	const paths = readdirSync(folder)
		.filter((name) => /\.(json|safetensors)$/.test(name))
		.map((name) => resolve(folder, name));
	if (!paths.some((path) => basename(path) === 'config.json'))
		throw new Error(`${folder}: no config.json in it; name a Hugging Face model folder`);
	return paths;
}

function print(json, value, text) {
	console.log(json ? JSON.stringify(value, null, '\t') : text);
}

/** Opens the page, starts the device, runs `work`, and closes everything whatever happens. */
async function withLab({ backend, profile }, work) {
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

export async function verify({ model, reference, backend, json }) {
	const files = modelFiles(model);
	const path = file(reference);
	await withLab({ backend }, async (lab, device) => {
		const request = { model: lab.share(files), reference: lab.share([path])[0] };
		const report = await lab.call('verify', request);
		print(json, { device, ...report }, verificationTable(report));
		if (!report.passed) {
			const failed = report.rows.filter(({ passed }) => !passed);
			throw new Error(`${failed.length} of ${report.rows.length} quantities are past tolerance`);
		}
	});
}

function readSpec(path) {
	if (path === undefined) return {};
	try {
		return JSON.parse(readFileSync(file(path), 'utf8'));
	} catch (error) {
		throw new Error(`${path}: ${error.message}`, { cause: error });
	}
}

/** Fields of a specification file with the flags over them; model and dataset come from --model and --data. */
function trainChanges(options) {
	const changes = overlay(readSpec(options.spec), specChanges(options));
	delete changes.model;
	if (changes.data) delete changes.data.dataset;
	return changes;
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

async function download(lab, run, path) {
	const [file] = await Promise.all([lab.page.waitForEvent('download'), lab.call('exportRun', run)]);
	await file.saveAs(resolve(path));
}

function checkTrainOptions({ resume, profile, model, data }) {
	if (resume && !profile) throw new Error('--resume needs the --profile that holds the run');
	if (!resume && !(model && data))
		throw new Error('a new run needs --model and --data (or continue one with --resume)');
}

export async function train(options) {
	checkTrainOptions(options);
	const { resume, profile, backend, json } = options;
	const files = resume ? null : modelFiles(options.model);
	const dataFile = resume ? null : file(options.data);
	const changes = trainChanges(options);
	await withLab({ backend, profile }, async (lab, device) => {
		const release = stopOnInterrupt(lab);
		const result = await lab.call('train', {
			resume: resume ?? null,
			model: files && { name: basename(resolve(options.model)), files: lab.share(files) },
			dataset: dataFile && {
				file: lab.share([dataFile])[0],
				mapping: options.columns ?? null,
			},
			changes,
		});
		release();
		if (options.export) await download(lab, result.run, options.export);
		const { receipt, ...rest } = result;
		print(json, { device, ...rest, receipt: receiptSummary(receipt) }, trainSummary(result));
	});
}

function checkEvaluateOptions({ model, run, profile, texts, columns, sentiment }) {
	if (run ? !profile : !model)
		throw new Error('name a model with --model, or a stored run with --profile and --run');
	if (!texts && !sentiment) throw new Error('name what to measure: --texts or --sentiment');
	if (texts && !columns) throw new Error('--texts needs --columns, the languages to measure');
}

/** The sentiment request; the language is the folder's name where none is given, as NusaX has it. */
function sentimentRequest(lab, { sentiment, language, sentimentRows, runs, seed }) {
	if (!sentiment) return null;
	const [trainFile, testFile] = lab.share(sentiment.map(file));
	return {
		train: trainFile,
		test: testFile,
		language: language ?? basename(dirname(resolve(sentiment[1]))),
		rows: sentimentRows ?? null,
		runs,
		seed,
	};
}

export async function evaluate(options) {
	checkEvaluateOptions(options);
	const { model, run, profile, backend, texts, columns, rows, json } = options;
	const files = model && !run ? modelFiles(model) : null;
	await withLab({ backend, profile }, async (lab, device) => {
		const results = await lab.call('evaluate', {
			model: files && lab.share(files),
			run: run ?? null,
			texts: texts ? { file: lab.share([file(texts)])[0], columns, rows: rows ?? null } : null,
			sentiment: sentimentRequest(lab, options),
		});
		print(json, { device, results }, metricTable(results));
	});
}
