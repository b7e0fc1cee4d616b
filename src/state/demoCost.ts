/** How much work a configuration of a study is, and how long a study takes. Pure. */
import type { Selection } from '../contract/spec.ts';
import type { StudyPoint } from '../contract/study.ts';
import { layerSet } from '../selection/positional.ts';

/** Measuring at intervals and at the end, as part of training everything: the final tasks count for base, too. */
const measuring = 0.2;

/**
 * Work of one update relative to training everything. Of three equal parts (forward, gradients of activations,
 * gradients of weights) the second goes down to the lowest trained layer only, the third is for trained layers only.
 */
function stageCost(selection: Selection, layers: number): number {
	const set = layerSet(selection, layers);
	const lowest = set.embedding ? 0 : Math.min(layers, ...set.layers);
	return (1 + (layers - lowest) / layers + set.layers.length / layers) / 3;
}

/** Work of a configuration, all its stages and measurements; training everything for one stage is 1.2. */
export function pointCost(point: Pick<StudyPoint, 'stages'>, layers: number): number {
	return point.stages.reduce((sum, stage) => sum + stageCost(stage, layers), measuring);
}

/** Units of time until pieces of work are done side by side: no sooner than their share, nor than the longest. */
export function timeSideBySide(pieces: readonly number[], workers: number): number {
	const sum = pieces.reduce((total, piece) => total + piece, 0);
	return Math.max(sum / Math.max(1, workers), ...pieces, 0);
}

/** Whole minutes, at least one, as one says them. */
export function aboutMinutes(seconds: number): string {
	const minutes = Math.max(1, Math.round(seconds / 60));
	return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`;
}
