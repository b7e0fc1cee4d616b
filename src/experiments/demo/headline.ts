/** The finding in one study: which quarter of the layers learns to understand, and which to speak. */
import type { Study } from '../../contract/study.ts';
import { defaultBudget } from '../../selection/positional.ts';
import { base, centre, region } from './points.ts';

/** Base, front, middle, rear and both ends at a quarter of `layers`, and the whole model. */
export function headline(layers: number): Study {
	const k = defaultBudget(layers);
	return {
		id: 'demo-headline',
		title: 'Front, middle, rear',
		question: 'Which quarter of the layers learns to understand a new language, which to speak it?',
		expectation:
			'The front layers learn comprehension, the rear layers production; a quarter of the layers, taken from both ends, ' +
			'comes close to training them all, and the same number from the middle does not.',
		finding:
			'The front understands (.94) and hardly speaks (.14); the rear speaks (.96) and understands less (.59), and hardly ' +
			'anything beside a language it was not taught with (.03). CogSym (.99 / .97) comes within .02 of the whole model ' +
			'(1.00 / .98) on words; the middle (.44 / .06) does not come near.',
		axis: 'region',
		points: [
			base,
			region('front', 'Front 25 %', { method: 'front', k }, 0),
			region('middle', 'Middle 25 %', centre(layers, k), 1),
			region('rear', 'Rear 25 %', { method: 'rear', k }, 2),
			region('cogsym', 'CogSym 25 %', { method: 'cogsym', k }),
			region('full', 'Full', { method: 'full' }),
		],
	};
}
