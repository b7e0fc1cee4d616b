/** `lab evaluate` inside the page: loss per token of texts, few-shot sentiment. */
import type { EvaluationTask, MetricRow, SentimentExample } from '../contract/evaluation.ts';
import { column, readRows, readTexts, type Rows, type TextFile } from './texts.ts';
import { modelSource, reportProgress, type SharedFile, store, trainer } from './threads.ts';

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
}

async function examples(file: SharedFile, rows: Rows): Promise<SentimentExample[]> {
	const table = await readRows(file, rows);
	const labels = column(file, table, 'label');
	return column(file, table, 'text').map((text, index) => ({ text, label: labels[index] ?? '' }));
}

async function tasksOf({ texts, sentiment }: EvaluateRequest): Promise<EvaluationTask[]> {
	const tasks: EvaluationTask[] = [];
	if (texts) for (const set of await readTexts(texts)) tasks.push({ kind: 'text-loss', set });
	if (sentiment) {
		const { language, runs, seed } = sentiment;
		const train = await examples(sentiment.train, null);
		const test = await examples(sentiment.test, sentiment.rows);
		tasks.push({ kind: 'sentiment', set: { language, train, test }, runs, seed });
	}
	return tasks;
}

async function measureRun(id: string, tasks: EvaluationTask[]): Promise<MetricRow[]> {
	const { record } = await store().run(id);
	const { model, untie } = record.spec;
	await trainer().load({ kind: 'stored', id: model }, untie, reportProgress);
	await trainer().restore(id);
	const base = await trainer().evaluate({ weights: 'base', tasks }, reportProgress);
	const adapted = await trainer().evaluate({ weights: 'current', tasks }, reportProgress);
	const rows = [...base, ...adapted];
	await store().saveResults(id, rows);
	return rows;
}

/** Measures a model, or a stored run against its base; the trainer must have been started. */
export async function evaluate(request: EvaluateRequest): Promise<MetricRow[]> {
	const tasks = await tasksOf(request);
	if (request.run !== null) return measureRun(request.run, tasks);
	if (!request.model) throw new Error('Name a model with --model, or a stored run with --run');
	await trainer().load(modelSource(request.model), false, reportProgress);
	return trainer().evaluate({ weights: 'base', tasks }, reportProgress);
}
