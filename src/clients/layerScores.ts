/** Scores of a model's layers, by a training thread of its own. */
import type { TextSet } from '../contract/evaluation.ts';
import type { LayerScores, RankingMethod, ScoreRequest } from '../contract/selection.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi } from '../contract/dataApi.ts';
import type { Progress } from '../contract/progress.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import type { Connection } from './connect.ts';

export interface ScoredModel {
	/** In the store. */
	readonly id: string;
	readonly openTrainer: () => Connection<TrainerApi>;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
	/** Aborting ends the thread; what was asked rejects with `Cancelled`. */
	readonly signal: AbortSignal;
}

/** In the order of the requests; the thread is closed then. */
async function scoreModel(
	{ id, openTrainer, backend, signal }: ScoredModel,
	requests: readonly ScoreRequest[],
	onProgress: (progress: Progress) => void,
): Promise<LayerScores[]> {
	if (requests.length === 0) return [];
	const connection = openTrainer();
	const { api } = connection;
	const close = () => {
		connection.close();
	};
	signal.addEventListener('abort', close, { once: true });
	try {
		if (signal.aborted) close();
		await api.start(backend);
		await api.load({ kind: 'stored', id }, false, onProgress);
		const scores: LayerScores[] = [];
		for (const request of requests) scores.push(await api.scoreLayers(request, onProgress));
		return scores;
	} finally {
		signal.removeEventListener('abort', close);
		close();
	}
}

export type Rankings = Readonly<Partial<Record<RankingMethod, LayerScores>>>;

export interface RankedModel extends ScoredModel {
	readonly data: DataApi;
	/** Rows of the dataset, and how training lays them out. */
	readonly dataset: { readonly rows: number; readonly spec: DataSpec };
	/** Of known languages; null: language-specific neurons are not counted. */
	readonly texts: readonly TextSet[] | null;
}

/** Rows that Fisher information is summed over, where there are as many. */
export const fisherRows = 250;

/** Scores by each of the methods, of the model as it is before any training; heavy tails cut at the median. */
export async function rankingsOf(
	model: RankedModel,
	methods: readonly RankingMethod[],
	onProgress: (progress: Progress) => void,
): Promise<Rankings> {
	const { data, dataset, texts } = model;
	const requests: ScoreRequest[] = [];
	for (const method of methods) {
		if (method === 'heavy-tail') requests.push({ method, cut: 'median' });
		if (method === 'lape' && texts !== null) requests.push({ method, languages: texts });
		if (method === 'fisher') {
			const rows = Math.min(fisherRows, dataset.rows);
			requests.push(await fisherRequest(data, model.id, dataset.spec, rows, onProgress));
		}
	}
	const scores = await scoreModel(model, requests, onProgress);
	return Object.fromEntries(requests.map(({ method }, at) => [method, scores[at]]));
}

/** Fisher information over the first rows of a dataset, one to a sequence, as training lays them out. */
export async function fisherRequest(
	api: DataApi,
	model: string,
	data: DataSpec,
	rows: number,
	onProgress: (progress: Progress) => void,
): Promise<ScoreRequest> {
	const apart = {
		...data,
		packing: 'rows',
		rowTokens: Math.min(data.rowTokens, data.sequenceLength - 1),
		rows: [0, rows],
		heldOut: { rows: 0, sequences: null },
	} satisfies DataSpec;
	const { train: block } = await api.prepare(model, apart, onProgress);
	return { method: 'fisher', block, rows: block.count, aggregation: 'sum' };
}
