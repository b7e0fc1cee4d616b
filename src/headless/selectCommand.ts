/** `lab select` inside the page: scores of a model's layers, and the best of them. */
import type { ColumnMapping } from '../contract/library.ts';
import type {
	FisherAggregation,
	LayerScores,
	ScoreRequest,
	TailCut,
} from '../contract/selection.ts';
import { defaultSpec } from '../experiments/defaults.ts';
import { defaultBudget } from '../selection/positional.ts';
import { publishedScores } from '../selection/published.ts';
import { bestLayers } from '../selection/ranking.ts';
import { readTexts, type TextFile } from './texts.ts';
import { loadModel } from './loadModel.ts';
import { asFile, modelSource, reportProgress, type SharedFile, store, trainer } from './threads.ts';
import { importDataset, prepare } from './trainCommand.ts';

interface SelectModel {
	readonly name: string;
	readonly files: readonly SharedFile[];
}

export type SelectRequest = {
	/** Number of layers to choose; null: a quarter. */
	readonly k: number | null;
} & (
	| {
			readonly method: 'fisher';
			readonly model: SelectModel;
			readonly dataset: { readonly file: SharedFile; readonly mapping: ColumnMapping | null };
			readonly rows: number;
			readonly aggregation: FisherAggregation;
	  }
	| { readonly method: 'lape'; readonly model: SelectModel; readonly texts: TextFile }
	| { readonly method: 'heavy-tail'; readonly model: SelectModel; readonly cut: TailCut }
	/** No model is read. */
	| { readonly method: 'published'; readonly of: 'lape' | 'heavy-tail' }
);

export interface SelectResult extends LayerScores {
	/** The k best, ascending. */
	readonly layers: readonly number[];
	/** Where published numbers are from. */
	readonly source?: string;
}

/** Scores layers; but for published scores the trainer must have been started. */
export async function select(request: SelectRequest): Promise<SelectResult> {
	const scores = await scoresOf(request);
	const k = request.k ?? defaultBudget(scores.scores.length);
	return { ...scores, layers: bestLayers(scores.ranking, k) };
}

async function scoresOf(request: SelectRequest): Promise<LayerScores> {
	switch (request.method) {
		case 'published':
			return publishedScores(request.of);
		case 'fisher':
			return fisher(request);
		case 'lape': {
			const languages = await readTexts(request.texts);
			return score(request.model, { method: 'lape', languages });
		}
		case 'heavy-tail':
			return score(request.model, { method: 'heavy-tail', cut: request.cut });
	}
}

async function score({ files }: SelectModel, request: ScoreRequest): Promise<LayerScores> {
	await loadModel(modelSource(files));
	return trainer().scoreLayers(request, reportProgress);
}

/** The first rows of the data, one to a sequence, as a run of it would lay them out. */
async function fisher(request: SelectRequest & { method: 'fisher' }): Promise<LayerScores> {
	const { model, rows, aggregation } = request;
	const files = await Promise.all(model.files.map(asFile));
	const modelRecord = await store().importModel(model.name, files, reportProgress);
	const dataset = await importDataset(request.dataset);
	if (dataset.rows < rows)
		throw new Error(
			`${dataset.name} has ${dataset.rows} rows, ${rows} were asked for; take more data, or fewer rows with --rows`,
		);
	const { train: block } = await prepare({
		model: modelRecord.id,
		data: {
			...defaultSpec(modelRecord, dataset).data,
			rows: [0, rows],
			heldOut: { rows: 0, sequences: null },
		},
	});
	await loadModel({ kind: 'stored', id: modelRecord.id });
	return trainer().scoreLayers({ method: 'fisher', block, rows, aggregation }, reportProgress);
}
