/** `lab evaluate` inside the page: loss per token of texts, few-shot sentiment, the tasks of the paper. */
import type {
	EvaluationTask,
	FileTaskChoice,
	MetricRow,
	Prediction,
	SentimentExample,
} from '../contract/evaluation.ts';
import { column, readRows, readTexts, type Rows, type TextFile } from './texts.ts';
import {
	asFile,
	data,
	modelSource,
	reportProgress,
	type SharedFile,
	store,
	trainer,
} from './threads.ts';

export interface EvaluateRequest {
	/** Files of a model, or null to measure a stored run. */
	readonly model: readonly SharedFile[] | null;
	/** Stored run: its base model and its adapted weights are measured. */
	readonly run: string | null;
	readonly texts: TextFile | null;
	readonly sentiment: {
		readonly train: SharedFile;
		readonly test: SharedFile;
		readonly language: string;
		readonly rows: Rows;
		readonly runs: number;
		readonly seed: number;
	} | null;
	/** Tasks of the paper, and the files of the data folder. */
	readonly paper:
		(FileTaskChoice & { readonly files: readonly { path: string; file: SharedFile }[] }) | null;
}

/** An answer and what it is to. */
export type NamedPrediction = Prediction & Pick<MetricRow, 'task' | 'subject' | 'weights'>;

export interface Evaluated {
	readonly results: readonly MetricRow[];
	/** Every answer with its exact prompt, task by task, run by run. */
	readonly predictions: readonly NamedPrediction[];
	/** What of the data files could not be used. */
	readonly notes: readonly string[];
}

async function examples(file: SharedFile, rows: Rows): Promise<SentimentExample[]> {
	const table = await readRows(file, rows);
	const labels = column(file, table, 'label');
	return column(file, table, 'text').map((text, index) => ({ text, label: labels[index] ?? '' }));
}

async function tasksOf({ texts, sentiment, paper }: EvaluateRequest) {
	const tasks: EvaluationTask[] = [];
	const notes: string[] = [];
	if (texts) for (const set of await readTexts(texts)) tasks.push({ kind: 'text-loss', set });
	if (sentiment) {
		const { language, runs, seed } = sentiment;
		const train = await examples(sentiment.train, null);
		const test = await examples(sentiment.test, sentiment.rows);
		tasks.push({ kind: 'sentiment', set: { language, train, test }, runs, seed });
	}
	if (paper) {
		const { files, ...choice } = paper;
		const read = files.map(async ({ path, file }) => ({ path, file: await asFile(file) }));
		const found = await data().fileTasks(await Promise.all(read), choice);
		tasks.push(...found.tasks);
		notes.push(...found.notes);
	}
	return { tasks, notes };
}

/** One task after the other, so that every answer is known by its task. */
async function measure(
	weights: 'base' | 'current',
	tasks: readonly EvaluationTask[],
): Promise<Omit<Evaluated, 'notes'>> {
	const results: MetricRow[] = [];
	const predictions: NamedPrediction[] = [];
	for (const task of tasks) {
		let given: readonly Prediction[] = [];
		const keep = (all: readonly Prediction[]) => {
			given = all;
		};
		const request = { weights, tasks: [task] };
		const rows = await trainer().evaluate(request, reportProgress, keep);
		results.push(...rows);
		const [first] = rows;
		if (!first) continue;
		const { task: name, subject, weights: which } = first;
		predictions.push(...given.map((one) => ({ task: name, subject, weights: which, ...one })));
	}
	return { results, predictions };
}

async function measureRun(id: string, tasks: EvaluationTask[]): Promise<Omit<Evaluated, 'notes'>> {
	const { record } = await store().run(id);
	const { model, untie, precision } = record.spec;
	await trainer().load({ kind: 'stored', id: model }, untie, reportProgress, precision?.frozen);
	await trainer().restore(id);
	const base = await measure('base', tasks);
	const adapted = await measure('current', tasks);
	const results = [...base.results, ...adapted.results];
	await store().saveResults(id, results);
	return { results, predictions: [...base.predictions, ...adapted.predictions] };
}

/** Measures a model, or a stored run against its base; the trainer must have been started. */
export async function evaluate(request: EvaluateRequest): Promise<Evaluated> {
	const { tasks, notes } = await tasksOf(request);
	if (request.run !== null) return { ...(await measureRun(request.run, tasks)), notes };
	if (!request.model) throw new Error('Name a model with --model, or a stored run with --run');
	await trainer().load(modelSource(request.model), false, reportProgress);
	return { ...(await measure('base', tasks)), notes };
}
