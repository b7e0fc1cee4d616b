/** Whether it matters which end learns first. */
import type { Selection } from '../../contract/spec.ts';
import type { Study, StudyPoint } from '../../contract/study.ts';
import { defaultBudget } from '../../selection/positional.ts';
import { base, region } from './points.ts';

/** Both ends one after the other, in either order, and together for as many updates; each end alone to compare with. */
export function sequential(layers: number): Study {
	const k = defaultBudget(layers);
	const front: Selection = { method: 'front', k };
	const rear: Selection = { method: 'rear', k };
	const both: Selection = { method: 'cogsym', k: Math.min(layers, 2 * k) };
	const inTurn = (
		id: string,
		label: string,
		stages: readonly Selection[],
		position: number,
	): StudyPoint => ({ id, label, stages, adapter: null, position });
	return {
		id: 'demo-sequential',
		title: 'One end after the other',
		question: 'Does it matter whether a model learns to understand or to speak first?',
		expectation:
			'Front first, then rear, is as good as both at once; rear first is a little worse.',
		finding: '',
		axis: 'order',
		points: [
			base,
			region('front', 'Front alone', front),
			region('rear', 'Rear alone', rear),
			inTurn('front-rear', 'Front, then rear', [front, rear], 0),
			inTurn('rear-front', 'Rear, then front', [rear, front], 1),
			inTurn('both', 'Both at once, as many updates', [both, both], 2),
		],
	};
}
