/** `lab demo`: a study of the bundled demo in headless Chromium, its table and its JSON. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { modelFiles, withLab } from './drive.mjs';
import { table } from './print.mjs';

const cell = (spread) => {
	if (spread === null) return '-';
	const mean = spread.mean.toFixed(3);
	return spread.sd === null ? mean : `${mean} ±${spread.sd.toFixed(3)}`;
};

/** Columns of one table that fit a terminal. */
const columns = 6;

/** Points down, measures across: mean and standard deviation over languages and seeds. */
function demoTable({ table: { measures, points }, runs }) {
	const failed = runs.filter(({ status }) => status !== 'finished');
	const firsts = measures.map((_, index) => index).filter((index) => index % columns === 0);
	return [
		...firsts.map((first) => {
			const part = (all) => all.slice(first, first + columns);
			const rows = points.map(({ label, scores }) => [label, ...part(scores).map(cell)]);
			return `${table(['', ...part(measures)], rows)}\n`;
		}),
		...failed.map(
			({ language, seed, point, status, error }) =>
				`${language} ${seed} ${point}: ${status}${error ? `, ${error}` : ''}`,
		),
	].join('\n');
}

/** The fields of the recipe that flags state. */
function recipeChanges({ learningRate, steps, probeEvery }) {
	const changes = { learningRate, steps, probeEvery };
	return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Runs the study in an open lab. The first Ctrl-C ends it with what it has, the second ends the program. */
async function runDemo(lab, options) {
	const { model, study, languages, seeds, draw, points, backend, workers } = options;
	lab.signals.gently(() => {
		console.error('Stopping; Ctrl-C again ends at once.');
		lab.call('stopDemo').catch(() => undefined);
	});
	try {
		return await lab.call('demo', {
			study,
			languages,
			seeds: Array.from({ length: seeds }, (_, i) => i + 1),
			draw,
			points: points ?? null,
			model: model ? { name: basename(resolve(model)), files: lab.share(modelFiles(model)) } : null,
			recipe: recipeChanges(options),
			backend,
			workers: workers ?? null,
		});
	} finally {
		lab.signals.gently(null);
	}
}

export async function demo(options) {
	if (options.model) modelFiles(options.model);
	await withLab({ backend: null, profile: options.profile }, async (lab) => {
		const result = await runDemo(lab, options);
		console.log(demoTable(result));
		console.log(`${result.seconds.total.toFixed(0)} s`);
		if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, '\t')}\n`);
		if (result.cancelled) process.exitCode = 130;
		else if (result.runs.some(({ status }) => status !== 'finished')) process.exitCode = 1;
	});
}
