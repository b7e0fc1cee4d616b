/** The sharpest view: every layer trained alone. */
import type { Study } from '../../contract/study.ts';
import { base, only, region } from './points.ts';

/** One point per layer of `layers`, without embedding and head, and the base model. */
export function singleLayers(layers: number): Study {
	return {
		id: 'demo-layers',
		title: 'One layer at a time',
		question: 'What does each layer learn when it is the only one that changes?',
		expectation:
			'Comprehension is best in the front layers and falls towards the rear; production does the opposite.',
		finding:
			'The ends are special, and little lies between them: the first layer alone understands (.86, and .82 beside a ' +
			'language it was not taught with), the last alone speaks (.46; .62). Of the others none understands more than .40 or ' +
			'speaks more than .12.',
		axis: 'layer',
		points: [
			base,
			...Array.from({ length: layers }, (_, layer) =>
				region(`layer-${layer + 1}`, `Layer ${layer + 1}`, only([layer]), layer + 1),
			),
		],
	};
}
