/** What `lab verify`, `lab train` and `lab generate` do, outside the page. */
import { basename, join } from 'node:path';
import {
	adapterFiles,
	estimatorFiles,
	download,
	file,
	modelFiles,
	print,
	readJson,
	trainModel,
	trainRequest,
	withLab,
} from './drive.mjs';
import { forecastTable, receiptSummary, trainSummary, verificationTable } from './print.mjs';
import { overlay, specChanges } from './specChanges.mjs';

/** Where an adapter's reference file states no batch, it is that of the file of the same name beside its base. */
function batchFile(model, reference) {
	return 'input_ids' in readJson(reference) ? null : file(join(model, basename(reference)));
}

/** Whether a folder holds the encoder of a COMET estimator, and no decoder. */
const isComet = (model) => readJson(join(model, 'config.json')).model_type === 'xlm-roberta';

function reportVerification({ device, json }, report) {
	print(json, { device, ...report }, verificationTable(report));
	if (report.passed) return;
	const failed = report.rows.filter(({ passed }) => !passed);
	throw new Error(`${failed.length} of ${report.rows.length} quantities are past tolerance`);
}

async function verifyComet({ model, reference, backend, json }) {
	const paths = estimatorFiles(model);
	const path = file(reference);
	await withLab({ backend }, async (lab, device) => {
		const request = { model: lab.share(paths), reference: lab.share([path])[0] };
		reportVerification({ device, json }, await lab.call('verifyComet', request));
	});
}

export async function verify(options) {
	const { model, adapter, reference, backend, json } = options;
	const files = modelFiles(model);
	if (isComet(model)) {
		await verifyComet(options);
		return;
	}
	const adapterPaths = adapter ? adapterFiles(adapter) : null;
	const path = file(reference);
	const batch = adapter ? batchFile(model, reference) : null;
	await withLab({ backend }, async (lab, device) => {
		const request = {
			model: lab.share(files),
			adapter: adapterPaths && lab.share(adapterPaths),
			reference: lab.share([path])[0],
			batch: batch && lab.share([batch])[0],
		};
		reportVerification({ device, json }, await lab.call('verify', request));
	});
}

/** Fields of a specification file with the flags over them; model and dataset come from --model and --data. */
function trainChanges(options) {
	const stated = options.spec === undefined ? {} : readJson(options.spec);
	const changes = overlay(stated, specChanges(options));
	delete changes.model;
	if (changes.data) delete changes.data.dataset;
	return changes;
}

/** Tells mistakes before a browser starts. */
function checkTrainOptions({ resume, profile, model, data }) {
	if (resume && !profile) throw new Error('--resume needs the --profile that holds the run');
	if (!resume && !(model && data))
		throw new Error('a new run needs --model and --data (or continue one with --resume)');
	if (resume) return;
	modelFiles(model);
	file(data);
}

export async function train(options) {
	checkTrainOptions(options);
	const changes = trainChanges(options);
	await withLab(options, async (lab, device) => {
		if (options.forecast) {
			const result = await lab.call('forecast', trainRequest(lab, { ...options, changes }));
			print(options.json, { device, ...result }, forecastTable(result));
			return;
		}
		const result = await trainModel(lab, { ...options, changes });
		if (options.export) await download(lab, result.run, options.export);
		const { receipt, ...rest } = result;
		print(
			options.json,
			{ device, ...rest, receipt: receiptSummary(receipt) },
			trainSummary(result),
		);
		// As of a program that Ctrl-C has ended: what is chained to it does not run.
		if (result.status === 'stopped') process.exitCode = 130;
	});
}

export async function generate({ model, backend, json, ...request }) {
	const files = modelFiles(model);
	await withLab({ backend }, async (lab, device) => {
		const text = await lab.call('generate', { ...request, model: lab.share(files) });
		print(json, { device, prompt: request.prompt, text }, request.prompt + text);
	});
}
