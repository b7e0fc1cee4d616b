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
		finding: '',
		axis: 'layers trained',
		points: [
			base,
			...budgets.map((k) => region(`front-${k}`, `Front ${k}`, { method: 'front', k }, k)),
			...budgets.map((k) => region(`rear-${k}`, `Rear ${k}`, { method: 'rear', k }, k)),
		],
	};
}
