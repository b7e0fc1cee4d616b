/** The run of the whole model that studies of the demo vary: the demo's recipe, with checkpoints on the way. */
import type { RunSpec } from '../contract/spec.ts';
import type { StudyPoint } from '../contract/study.ts';
import { adaptationRecipe, adaptationSpec } from './adaptation.ts';

const full: StudyPoint = {
	id: 'full',
	label: 'Full',
	stages: [{ method: 'full' }],
	adapter: null,
	position: null,
};

/** `steps`: updates of a stage; null: the recipe's. */
export function demoStudyBase(
	model: string,
	dataset: string,
	seed: number,
	steps: number | null,
): RunSpec {
	const recipe = { ...adaptationRecipe, steps: steps ?? adaptationRecipe.steps };
	const spec = adaptationSpec({ point: full, model, dataset, seed, recipe });
	if (spec === null) throw new Error('the demo has no run of the whole model');
	// A study of many runs is to survive a closed window without losing the one in progress.
	return { ...spec, checkpointEvery: Math.ceil(recipe.steps / 4) };
}
