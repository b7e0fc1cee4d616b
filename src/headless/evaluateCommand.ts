/** `lab evaluate` inside the page: loss per token of texts, few-shot sentiment, the tasks of the paper. */
import type {
	EvaluationTask,
	FileTaskChoice,
	MetricRow,
	NamedPrediction,
	OwnTaskChoice,
	SentimentExample,
} from '../contract/evaluation.ts';
import { measurePace } from '../clients/measurePace.ts';
import { findTrained, keepMeasured, measureStep, measureSteps } from '../clients/measureSteps.ts';
import { type PredictionFile, predictionText } from '../clients/predictionFile.ts';
import { remarks } from '../clients/remarks.ts';
import type { LensChart } from '../contract/lens.ts';
import { prepareComet } from './cometCommand.ts';
import { column, readRows, readTexts, type Rows, type TextFile } from './texts.ts';
import { loadModel } from './loadModel.ts';
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
	/** Whether the word tasks of the paper are looked at layer by layer, too. */
	readonly lens: boolean;
	/** Tasks of the paper, and the files of the data folder. */
	readonly paper:
		(FileTaskChoice & { readonly files: readonly { path: string; file: SharedFile }[] }) | null;
	/** A task on a table of one's own; `train`: what is shown. */
	readonly own: (OwnTaskChoice & { readonly train: SharedFile | null; test: SharedFile }) | null;
	/** The form in which all answers are wanted as a file, too. */
	readonly predictionFile: PredictionFile | null;
	/** Files of COMET-22, or null to do without. */
	readonly comet: readonly SharedFile[] | null;
}

interface Measured {
	readonly results: readonly MetricRow[];
	/** Every answer with its exact prompt, task by task, run by run. */
	readonly predictions: readonly NamedPrediction[];
	/** With `lens`: a chart for each set of words. */
	readonly lens: readonly LensChart[];
}

export interface Evaluated extends Measured {
	/** Text of the file that was asked for. */
	readonly predictionFile: string | null;
	/** What of the data files could not be used, and what could not be measured. */
	readonly notes: readonly string[];
	/** What is to be known of the results beside their numbers. */
	readonly remarks: readonly string[];
}

async function examples(file: SharedFile, rows: Rows): Promise<SentimentExample[]> {
	const table = await readRows(file, rows, ['text', 'label']);
	const labels = column(file, table, 'label');
	return column(file, table, 'text').map((text, index) => ({ text, label: labels[index] ?? '' }));
}

async function tasksOf({ texts, sentiment, paper, own, comet }: EvaluateRequest) {
	const tasks: EvaluationTask[] = [];
	const notes: string[] = [];
	if (texts) for (const set of await readTexts(texts)) tasks.push({ kind: 'text-loss', set });
	if (sentiment) {
		const { language, runs, seed } = sentiment;
		const train = await examples(sentiment.train, null);
		const test = await examples(sentiment.test, sentiment.rows);
		tasks.push({ kind: 'sentiment', set: { language, train, test }, runs, seed });
	}
	const found = [...(paper ? [await paperTasks(paper)] : []), ...(own ? [await ownTask(own)] : [])];
	for (const one of found) {
		tasks.push(...one.tasks);
		notes.push(...one.notes);
	}
	if (tasks.some(({ kind }) => kind === 'translation')) notes.push(...(await prepareComet(comet)));
	return { tasks, notes };
}

async function paperTasks({ files, ...choice }: NonNullable<EvaluateRequest['paper']>) {
	const read = files.map(async ({ path, file }) => ({ path, file: await asFile(file) }));
	return data().fileTasks(await Promise.all(read), choice);
}

async function ownTask({ train, test, ...choice }: NonNullable<EvaluateRequest['own']>) {
	return data().ownTask(train && (await asFile(train)), await asFile(test), choice);
}

/** `run`: a stored one, with which all is kept as soon as it is measured; null: of a model, which has no run. */
async function measure(
	tasks: readonly EvaluationTask[],
	run: string | null,
	looks: boolean,
	trained: Parameters<typeof measureSteps>[3] = [],
): Promise<Measured> {
	const results: MetricRow[] = [];
	const predictions: NamedPrediction[] = [];
	const lens: LensChart[] = [];
	const steps = measureSteps(tasks, run !== null, looks, trained);
	const paceAfter = measurePace(steps);
	const began = performance.now();
	for (const [index, step] of steps.entries()) {
		const made = await measureStep(trainer(), step, (progress) => {
			const share = progress.total > 0 ? progress.done / progress.total : 0;
			const { secondsLeft } = paceAfter(index, share, (performance.now() - began) / 1000);
			reportProgress(progress, secondsLeft);
		});
		if (run !== null) await keepMeasured(store(), run, made);
		results.push(...made.rows);
		predictions.push(...made.predictions);
		lens.push(...made.charts);
	}
	return { results, predictions, lens };
}

async function measureRun(
	id: string,
	tasks: EvaluationTask[],
	lens: boolean,
): Promise<Measured & Pick<Evaluated, 'notes'>> {
	const { record } = await store().run(id);
	const { model, untie, precision } = record.spec;
	await loadModel({ kind: 'stored', id: model }, { untie, format: precision?.frozen });
	await trainer().restore(id);
	const { trained, notes } = await findTrained(data(), record.spec.data, tasks);
	const measured = await measure(tasks, id, lens, trained);
	return { ...measured, notes };
}

async function measureModel({ model, run, lens }: EvaluateRequest, tasks: EvaluationTask[]) {
	if (run !== null) return measureRun(run, tasks, lens);
	if (!model) throw new Error('Name a model with --model, or a stored run with --run');
	await loadModel(modelSource(model));
	return { ...(await measure(tasks, null, lens)), notes: [] };
}

/** Measures a model, or a stored run against its base; the trainer must have been started. */
export async function evaluate(request: EvaluateRequest): Promise<Evaluated> {
	const { tasks, notes } = await tasksOf(request);
	const measured = await measureModel(request, tasks);
	const { predictionFile: form } = request;
	const predictionFile = form && predictionText(measured.predictions, form);
	const told = { notes: [...notes, ...measured.notes], remarks: remarks(measured.results) };
	return { ...measured, predictionFile, ...told };
}
