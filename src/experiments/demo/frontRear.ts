/** How many layers each end needs. */
import type { Study } from '../../contract/study.ts';
import { base, region } from './points.ts';

/** Front k and rear k for k = 2, 4, ... up to `layers`, and the base model. */
export function frontRear(layers: number): Study {
	const budgets = Array.from({ length: Math.floor(layers / 2) }, (_, i) => 2 * (i + 1));
	return {
		id: 'demo-front-rear',
		title: 'More and more layers from one end',
		question:
			'How many layers must train from the front to understand, how many from the rear to speak?',
		expectation:
			'From the front, comprehension comes with few layers and production late; from the rear the other way round.',
		finding:
			'Two layers from the front understand words (.96) and six more hardly add to it, but only all eight speak (.12, .10, ' +
			'.28, .91). Two from the rear speak (.97) and understand some words (.63); with more they understand all (1.00), ' +
			'learnt by heart: beside a language that they were not taught with .03 to .15, the front .82 to .88.',
		axis: 'layers trained',
		points: [
			base,
			...budgets.map((k) => region(`front-${k}`, `Front ${k}`, { method: 'front', k }, k)),
			...budgets.map((k) => region(`rear-${k}`, `Rear ${k}`, { method: 'rear', k }, k)),
		],
	};
}
