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
		finding:
			'Taught in turn, either order does nearly as well on words as both ends at once with as many updates (1.00 / .97 front ' +
			'first, .91 / .99 rear first, 1.00 / 1.00 at once), but what came last shows: rear first understands fewer sentences ' +
			'(.40; front first .63), and front first carries less speech over to other languages (.50; rear first .94).',
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
