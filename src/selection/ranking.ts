/** From scores of layers to layers. */
import { namedError } from '../contract/errors.ts';

/** Layers in the order they are chosen: largest score first, of equal ones the lower layer (sorting is stable). */
export function rankLayers(scores: readonly number[]): number[] {
	return scores
		.map((score, layer) => ({ score, layer }))
		.sort((a, b) => b.score - a.score)
		.map(({ layer }) => layer);
}

/** The k first of a ranking, in the order of the model. Throws `BadInput` where there are fewer. */
export function bestLayers(ranking: readonly number[], k: number): number[] {
	if (k > ranking.length)
		throw namedError(
			'BadInput',
			`k = ${k} is more than the model's ${ranking.length} layers; choose less`,
		);
	return ranking.slice(0, k).sort((a, b) => a - b);
}
