/** How fast this machine trains the demo: what the last study took tells what the next one will. */
import type { Study } from '../contract/study.ts';
import { baseConfig } from '../demo/recipe.ts';
import { pointCost, timeSideBySide } from './demoCost.ts';
import type { PointProgress } from './demoProgress.ts';
import { recall, remember } from './memory.ts';

/** Layers of the bundled model. */
export const demoLayers = baseConfig.num_hidden_layers;
/** Each training thread keeps a model, gradients and moments of its own. */
const mostThreads = 8;
/** Seconds that one update of everything takes on one core, until this machine was timed. */
const usualPace = 0.41;

/** Trainings that this machine may run side by side. */
export function mostWorkers(): number {
	return Math.max(1, Math.min(mostThreads, navigator.hardwareConcurrency));
}

/** Seconds a study of so many updates in each stage takes, as far as is known before it begins. */
export function expectedSeconds(study: Study, steps: number): number {
	const pace = Number(recall('demo pace')) || usualPace;
	const pieces = study.points.map((point) => pointCost(point, demoLayers) * steps * pace);
	return timeSideBySide(pieces, mostWorkers());
}

/** Keeps the seconds of one core per update of everything, by what was trained in `elapsed` seconds. */
export function learnPace(
	points: readonly PointProgress[],
	steps: number,
	workers: number,
	elapsed: number,
): void {
	const trained = points.filter(({ storedAt }) => storedAt === null);
	const work = trained.map(({ point }) => pointCost(point, demoLayers) * steps);
	const time = timeSideBySide(work, workers);
	if (time > 0) remember('demo pace', String(elapsed / time));
}
