/** Scores of a model's layers, by a training thread of its own. */
import type { LayerScores, ScoreRequest } from '../contract/selection.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { DataApi, Progress, TrainerApi } from '../contract/workers.ts';
import type { Connection } from './connect.ts';

export interface ScoredModel {
	/** In the store. */
	readonly id: string;
	readonly openTrainer: () => Connection<TrainerApi>;
	readonly backend: 'auto' | 'webgpu' | 'wasm';
}

/** In the order of the requests; the thread is closed then. */
export async function scoreModel(
	{ id, openTrainer, backend }: ScoredModel,
	requests: readonly ScoreRequest[],
	onProgress: (progress: Progress) => void,
): Promise<LayerScores[]> {
	if (requests.length === 0) return [];
	const connection = openTrainer();
	const { api } = connection;
	try {
		await api.start(backend);
		await api.load({ kind: 'stored', id }, false, onProgress);
		const scores: LayerScores[] = [];
		for (const request of requests) scores.push(await api.scoreLayers(request, onProgress));
		return scores;
	} finally {
		connection.close();
	}
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
