/** `lab study`: figures of the paper in headless Chromium, their table, rows and report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { dataFiles } from './dataFolder.mjs';
import { file, modelFiles, readJson, withLab } from './drive.mjs';
import { table } from './print.mjs';
import { overlay, specChanges } from './specChanges.mjs';

/** Tells mistakes before a browser starts. */
function checkOptions(figures, options) {
	const { model, data, tasks, taskData, texts } = options;
	if (options.select || options.layers)
		throw new Error('a figure chooses its layers; leave --select and --layers out');
	if (!model) throw new Error('name a model with --model, or take the bundled one: --model demo');
	if (model !== 'demo') checkOwn(figures, options);
	else if (data || tasks || taskData || texts)
		throw new Error('--model demo brings its data, tasks and texts; leave yours out');
}

function checkOwn(figures, { model, data, tasks, taskData, texts, textColumns }) {
	if (!data) throw new Error('--model needs --data, the texts to learn');
	const measured = figures.some((name) => name !== 'figure-7');
	if ((measured && !tasks) || Boolean(tasks) !== Boolean(taskData))
		throw new Error('name what to measure: --tasks, and --task-data with their files');
	if (texts && !(textColumns?.length >= 2))
		throw new Error('--texts compares languages: name two columns or more with --text-columns');
	modelFiles(model);
	file(data);
}

function ownMaterial(lab, options) {
	const { model, data, columns, tasks, taskData, runs, shotSeed } = options;
	if (model === 'demo') return null;
	const share = (path) => lab.share([file(path)])[0];
	const found = tasks ? dataFiles(taskData, tasks, ['javanese', 'sundanese']) : [];
	const shared = lab.share(found.map(({ full }) => full));
	const files = found.map(({ path }, index) => ({ path, file: shared[index] }));
	return {
		model: { name: basename(resolve(model)), files: lab.share(modelFiles(model)) },
		dataset: { file: share(data), mapping: columns ?? null },
		paper: { tasks: tasks ?? [], runs, seed: shotSeed, files },
		texts: options.texts
			? { file: share(options.texts), columns: options.textColumns, rows: null }
			: null,
	};
}

function request(lab, figures, options) {
	const { language, seeds, cogsymStep, budget, lora, loraAlpha, points, backend } = options;
	const changes = overlay(options.spec ? readJson(options.spec) : {}, specChanges(options));
	delete changes.model;
	if (changes.data) delete changes.data.dataset;
	const firstSeed = options.seed ?? 1;
	return {
		figures,
		own: ownMaterial(lab, options),
		language: language ?? null,
		seeds: Array.from({ length: seeds }, (_, i) => firstSeed + i),
		changes,
		items: options.items ?? null,
		setting: {
			cogsymStep: Number(cogsymStep),
			budget: budget ?? null,
			adapter: { rank: lora ?? 16, alpha: loraAlpha ?? lora ?? 16 },
		},
		points: points ?? null,
		backend,
		workers: options.workers ?? null,
	};
}

/** One line for each number. */
function rowTable(rows) {
	return table(
		['figure', 'language', 'seed', 'point', 'step', 'measure', 'metric', 'mean', 'sd'],
		rows.map(({ figure, language, seed, label, step, measure, metric, mean, sd }) => [
			...[figure, language, seed, label, step ?? '', measure, metric],
			...[mean.toFixed(3), sd === null ? '' : sd.toFixed(3)],
		]),
	);
}

/** Layers of each ranking, counted from 0. */
function rankingTable(rankings) {
	return table(
		['ranking', 'layers, best first'],
		Object.entries(rankings).map(([method, { ranking }]) => [method, ranking.join(' ')]),
	);
}

async function writeReport(lab, answer, folder) {
	const files = await lab.call('reportFiles', answer);
	mkdirSync(folder, { recursive: true });
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

export async function study(figures, options) {
	checkOptions(figures, options);
	await withLab({ backend: null, profile: options.profile }, async (lab) => {
		const asked = request(lab, figures, options);
		lab.signals.gently(() => {
			console.error('Stopping; Ctrl-C again ends at once.');
			lab.call('stopStudy').catch(() => undefined);
		});
		const answer = await lab.call('study', asked);
		lab.signals.gently(null);
		for (const note of answer.notes) console.error(note);
		const failed = answer.runs.filter(({ status }) => status !== 'finished');
		for (const { job, status, error } of failed)
			console.error(`${job}: ${status}${error ? `, ${error}` : ''}`);
		if (answer.rows.length > 0) console.log(rowTable(answer.rows));
		if (Object.keys(answer.rankings).length > 0) console.log(rankingTable(answer.rankings));
		if (options.json) writeFileSync(options.json, `${JSON.stringify(answer, null, '\t')}\n`);
		if (options.report) await writeReport(lab, answer, options.report);
		if (answer.cancelled) process.exitCode = 130;
		else if (failed.length > 0) process.exitCode = 1;
	});
}
