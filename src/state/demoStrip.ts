/** The layer strip of a configuration in small: which cells train, in which stage. Pure. */
import type { StudyPoint } from '../contract/study.ts';
import { layerSet } from '../selection/positional.ts';
import { baseConfig } from '../demo/recipe.ts';
import { type Cell, cellsOf, describeSet, trains } from './paint.ts';

export interface StripCell extends Cell {
	/** Stage that trains it, counted from 1 (the last one, where several do); 0: frozen. */
	readonly stage: number;
}

const layers = baseConfig.num_hidden_layers;

/** Cells from input to output; `spoken` says the same in words. */
export function demoStrip(point: Pick<StudyPoint, 'stages' | 'adapter'>): {
	readonly cells: readonly StripCell[];
	/** Different regions trained one after the other. */
	readonly stages: number;
	readonly spoken: string;
} {
	const sets = point.stages.map((stage) => layerSet(stage, layers));
	const different = new Set(sets.map((set) => JSON.stringify(set))).size;
	// People count layers from 1.
	const spoken = sets
		.slice(0, different)
		.map((set) =>
			describeSet({ ...set, layers: set.layers.map((layer) => layer + 1) }, { layers }),
		);
	return {
		cells: cellsOf(layers).map((cell) => ({
			...cell,
			stage: sets.findLastIndex((set) => trains(set, cell)) + 1,
		})),
		stages: different,
		spoken:
			sets.length === 0
				? 'Nothing trains: the model as it is.'
				: spoken.join(' Then: ') + (point.adapter ? ' The layers by low-rank adapters.' : ''),
	};
}
