/** Painting the layer strip: cells, strokes, presets. Pure; the strip and its state draw on it. */
import type { ModelConfig } from '../contract/model.ts';
import type { LayerSet, Selection } from '../contract/spec.ts';
import { lastPosition } from '../selection/positional.ts';

/** One cell of the strip, in the order the signal passes them. */
export interface Cell {
	readonly id: string;
	readonly part: 'embedding' | 'layer' | 'norm' | 'head';
	/** Decoder layer, null for the other parts. */
	readonly layer: number | null;
	/** Spoken and shown name. */
	readonly name: string;
	/** Short mark under the cell. */
	readonly mark: string;
}

/** Cells from input to output: embedding, layers 0 to L-1, final norm, output head. */
export function cellsOf(layers: number): readonly Cell[] {
	return [
		{ id: 'embedding', part: 'embedding', layer: null, name: 'Embedding', mark: 'in' },
		...Array.from({ length: layers }, (_, layer): Cell => {
			const mark = String(layer);
			return { id: `layer-${mark}`, part: 'layer', layer, name: `Layer ${mark}`, mark };
		}),
		{ id: 'norm', part: 'norm', layer: null, name: 'Final norm', mark: 'norm' },
		{ id: 'head', part: 'head', layer: null, name: 'Output head', mark: 'out' },
	];
}

/** Whether the set trains the cell. */
export function trains(set: LayerSet, cell: Cell): boolean {
	if (cell.part === 'layer') return cell.layer !== null && set.layers.includes(cell.layer);
	if (cell.part === 'embedding') return set.embedding;
	return cell.part === 'head' ? set.head : set.finalNorm;
}

/** The selection after one cell was painted (on) or wiped (off), as a hand-painted selection. */
export function paintCell(
	set: LayerSet,
	cell: Cell,
	on: boolean,
): Selection & { method: 'layers' } {
	const layers = set.layers.filter((layer) => layer !== cell.layer);
	if (on && cell.layer !== null) layers.push(cell.layer);
	return {
		method: 'layers',
		layers: layers.sort((a, b) => a - b),
		embedding: cell.part === 'embedding' ? on : set.embedding,
		head: cell.part === 'head' ? on : set.head,
		finalNorm: cell.part === 'norm' ? on : set.finalNorm,
	};
}

/** True if the set trains nothing at all. */
export function isEmpty(set: LayerSet): boolean {
	return set.layers.length === 0 && !set.embedding && !set.head && !set.finalNorm;
}

/** Keeps budget and position of a selection within a model of L layers. */
export function fitSelection(selection: Selection, layers: number): Selection {
	switch (selection.method) {
		case 'full':
			return selection;
		case 'layers':
			return { ...selection, layers: selection.layers.filter((layer) => layer < layers) };
		case 'position': {
			const k = Math.max(1, Math.min(selection.k, layers));
			return { ...selection, k, position: Math.min(selection.position, lastPosition(layers, k)) };
		}
		default:
			return { ...selection, k: Math.max(1, Math.min(selection.k, layers)) };
	}
}

/** Runs of neighbouring numbers: [0, 1, 2, 5] is "0–2, 5". */
export function ranges(layers: readonly number[]): string {
	const parts: string[] = [];
	let first = layers[0];
	layers.forEach((layer, index) => {
		if (first === undefined || layers[index + 1] === layer + 1) return;
		parts.push(first === layer ? String(layer) : `${String(first)}–${String(layer)}`);
		first = layers[index + 1];
	});
	return parts.join(', ');
}

/** A selection in few words, for lists and legends. */
export function describeSelection(selection: Selection): string {
	switch (selection.method) {
		case 'full':
			return 'full';
		case 'front':
		case 'rear':
			return `${selection.method} ${selection.k}`;
		case 'cogsym':
			return `CogSym ${selection.k}`;
		case 'position':
			return `position ${selection.position}, k ${selection.k}`;
		case 'layers':
			return selection.layers.length === 0 ? 'painted' : `layers ${ranges(selection.layers)}`;
	}
}

/** What is trained, in one spoken sentence. */
export function describeSet(set: LayerSet, config: Pick<ModelConfig, 'layers'>): string {
	if (isEmpty(set)) return 'Nothing trains yet.';
	const parts = [
		...(set.embedding ? ['the embedding'] : []),
		...(set.layers.length === 0
			? []
			: set.layers.length === config.layers
				? [`all ${config.layers} layers`]
				: [`layer${set.layers.length > 1 ? 's' : ''} ${ranges(set.layers)}`]),
		...(set.finalNorm ? ['the final norm'] : []),
		...(set.head ? ['the output head'] : []),
	];
	const last = parts.pop() ?? '';
	return `Trains ${parts.length > 0 ? `${parts.join(', ')} and ${last}` : last}.`;
}
