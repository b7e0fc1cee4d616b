/** Layer sets of the positional sweeps: front, rear, CogSym, and regions moved inwards. */
import { namedError } from '../contract/errors.ts';
import type { LayerSet, RunSpec, Selection } from '../contract/spec.ts';

const range = (from: number, to: number) =>
	Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** CogSym's headline budget: 25 % of L layers, even: 2 * round(L / 8), at least 2 (1 where there is one layer). */
export function defaultBudget(layers: number): number {
	return Math.min(layers, Math.max(2, 2 * Math.round(layers / 8)));
}

/** How far `position` can move regions of k layers inwards in L layers: the last one joins them in the middle. */
export function lastPosition(layers: number, k: number): number {
	const region = Math.ceil(k / 2);
	return Math.max(0, Math.floor((layers - k) / 2 / region));
}

/**
 * Works a selection out for a model of L layers. The embedding trains with the front, the head with the rear,
 * both with CogSym and positions; the final norm only in the full baseline.
 * @throws BadInput where k, position or a layer number does not fit the model.
 */
export function layerSet(selection: Selection, layers: number): LayerSet {
	if (selection.method === 'full')
		return { layers: range(0, layers), embedding: true, head: true, finalNorm: true };
	if (selection.method === 'layers') {
		const outside = selection.layers.find((layer) => layer >= layers);
		if (outside !== undefined)
			throw namedError(
				'BadInput',
				`Layer ${outside} does not exist: the model has layers 0 to ${layers - 1}`,
			);
		const { embedding, head, finalNorm } = selection;
		const unique = [...new Set(selection.layers)].sort((a, b) => a - b);
		return { layers: unique, embedding, head, finalNorm };
	}
	const { k } = selection;
	if (k > layers)
		throw namedError('BadInput', `k = ${k} is more than the model's ${layers} layers; choose less`);
	switch (selection.method) {
		case 'front':
			return { layers: range(0, k), embedding: true, head: false, finalNorm: false };
		case 'rear':
			return { layers: range(layers - k, layers), embedding: false, head: true, finalNorm: false };
		case 'cogsym':
			return bothEnds(layers, k, 0);
		case 'position':
			return bothEnds(layers, k, selection.position);
	}
}

/** Decoder layers that a run selects in any of its stages. */
export function selectedLayers(
	{ selection, stages = [] }: Pick<RunSpec, 'selection' | 'stages'>,
	layers: number,
): number[] {
	return [...new Set([selection, ...stages].flatMap((stage) => layerSet(stage, layers).layers))];
}

/** Layers in the order CogSym takes them: from both ends inwards, the front one first. */
export const positionalRanking = (layers: number): number[] =>
	Array.from({ length: layers }, (_, i) => (i % 2 === 0 ? i / 2 : layers - (i + 1) / 2));

/** ceil(k/2) front and floor(k/2) rear layers, both moved inwards by position regions. */
function bothEnds(layers: number, k: number, position: number): LayerSet {
	const front = Math.ceil(k / 2);
	const rear = Math.floor(k / 2);
	const shift = position * front;
	if (2 * shift + k > layers)
		throw namedError(
			'BadInput',
			`Position ${position} does not fit ${k} of ${layers} layers; at most ${lastPosition(layers, k)}`,
		);
	return {
		layers: [...range(shift, shift + front), ...range(layers - shift - rear, layers - shift)],
		embedding: true,
		head: true,
		finalNorm: false,
	};
}
