/** What `lab evaluate` does, outside the page. */
import { writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { dataFiles } from './dataFolder.mjs';
import { estimatorFiles, file, modelFiles, print, withLab } from './drive.mjs';
import { lensTable, metricTable } from './print.mjs';

/** Tells mistakes before a browser starts. */
function checkOptions({ model, run, profile, ...measured }) {
	if (run ? !profile : !model)
		throw new Error('name a model with --model, or a stored run with --profile and --run');
	checkMeasured(measured);
	checkAdditions(measured);
	checkTables(measured);
	checkPredictions(measured);
}

function checkMeasured({ texts, columns, sentiment, tasks, data, test }) {
	if (!texts && !sentiment && !tasks)
		throw new Error('name what to measure: --tasks, --texts or --sentiment');
	if (texts && !columns) throw new Error('--texts needs --columns, the languages to measure');
	if (tasks && !data === !test)
		throw new Error('--tasks needs --data, the folder with their files, or --test, one table');
}

function checkAdditions({ tasks, lens, comet }) {
	if (lens && !tasks?.includes('words')) throw new Error('--lens needs --tasks words');
	if (comet && !tasks?.includes('translation'))
		throw new Error('--comet scores translations; it needs --tasks translation');
}

const columnsNeeded = { words: 2, translation: 2, sentiment: 2, exam: 3 };

function checkTables({ test, train, tasks, texts, columns, names }) {
	if (!test) {
		if (train || names) throw new Error('--train and --names need --test, a table of your own');
		return;
	}
	const [task, ...others] = tasks ?? [];
	const least = columnsNeeded[task];
	if (least === undefined || others.length > 0)
		throw new Error('--test needs --tasks with one of words, translation, sentiment, exam');
	if (texts) throw new Error('--columns cannot be those of --test and of --texts; leave one out');
	if (!(columns?.length >= least))
		throw new Error(`--tasks ${task} --test needs --columns, at least ${least}; see --help`);
}

function checkPredictions({ predictions }) {
	if (predictions !== undefined && !/\.(csv|jsonl)$/.test(predictions))
		throw new Error(`--predictions ${predictions}: let the name end in .csv or .jsonl`);
}

/** What the choice of items and examples says to every task. */
const choiceOf = ({ rows, runs, seed, shots }) => ({
	...{ rows: rows ?? null, runs, seed },
	...(shots === undefined ? {} : { shots }),
});

/** The tasks of the paper on the files of the data folder. */
function paperRequest(lab, options) {
	const { tasks, data, languages } = options;
	if (!tasks || !data) return null;
	const found = dataFiles(data, tasks, languages);
	const shared = lab.share(found.map(({ full }) => full));
	const files = found.map(({ path }, index) => ({ path, file: shared[index] }));
	return { tasks, languages, ...choiceOf(options), files };
}

/** One task on a table of one's own. */
function ownRequest(lab, options) {
	const { tasks, test, train, language } = options;
	if (!test) return null;
	const [shared, shown = null] = lab.share([test, ...(train ? [train] : [])].map(file));
	const task = ownTask(tasks[0], { ...options, language: language ?? basename(test) });
	return { task, test: shared, train: shown, ...choiceOf(options) };
}

function ownTask(kind, { columns, names = [], language }) {
	const languages = [0, 1].map((at) => ({ column: columns[at], name: names[at] ?? columns[at] }));
	switch (kind) {
		case 'words':
			return { kind, languages, english: columns[2] ?? null };
		case 'translation':
			return { kind, languages };
		case 'sentiment':
			return { kind, language, text: columns[0], label: columns[1] };
		default:
			return {
				...{ kind, subject: names[0] ?? language },
				...{ question: columns[0], options: columns.slice(1, -1), key: columns.at(-1) },
			};
	}
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
	checkOptions(options);
	const { model, run, profile, backend, texts, columns, rows, comet, predictions, json } = options;
	const files = model && !run ? modelFiles(model) : null;
	const estimator = comet ? estimatorFiles(comet) : null;
	await withLab({ backend, profile }, async (lab, device) => {
		const { predictionFile, ...evaluated } = await lab.call('evaluate', {
			model: files && lab.share(files),
			run: run ?? null,
			lens: options.lens ?? false,
			texts: texts ? { file: lab.share([file(texts)])[0], columns, rows: rows ?? null } : null,
			sentiment: sentimentRequest(lab, options),
			paper: paperRequest(lab, options),
			own: ownRequest(lab, options),
			comet: estimator && lab.share(estimator),
			predictionFile: predictions?.split('.').at(-1) ?? null,
		});
		for (const note of evaluated.notes) console.error(note);
		if (predictions) writeFileSync(predictions, predictionFile);
		const { results, remarks, lens } = evaluated;
		const told = [metricTable(results), ...remarks].join('\n');
		const text = [told, ...lens.map(lensTable)].join('\n\n');
		print(json, { device, ...evaluated }, text);
	});
}
