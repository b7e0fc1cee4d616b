/** One spelling for each set of layers: equal sets are equal runs, whatever way led to them. */
import type { Selection } from '../../contract/spec.ts';
import { layerSet } from '../../selection/positional.ts';

/**
 * The simplest selection that trains the same in a model of `layers` layers: CogSym for position 0, and for a ranking
 * that chose both ends; whatever has no simpler name stays. Pure.
 * @throws BadInput where the selection does not fit the model.
 */
export function named(selection: Selection, layers: number): Selection {
	if (selection.method !== 'position' && selection.method !== 'layers') return selection;
	const set = layerSet(selection, layers);
	const same = (other: Selection) => {
		const { layers: those, embedding, head, finalNorm } = layerSet(other, layers);
		return (
			String(those) === String(set.layers) &&
			embedding === set.embedding &&
			head === set.head &&
			finalNorm === set.finalNorm
		);
	};
	const k = set.layers.length;
	const candidates: Selection[] =
		k === 0
			? []
			: [
					{ method: 'full' },
					...(['cogsym', 'front', 'rear'] as const).map((method) => ({ method, k })),
				];
	const explicit: Selection = { method: 'layers', ...set, layers: [...set.layers] };
	return candidates.find(same) ?? (selection.method === 'layers' ? explicit : selection);
}
