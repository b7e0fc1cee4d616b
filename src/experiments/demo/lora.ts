/** Whether low-rank adapters show the same split. */
import type { Selection } from '../../contract/spec.ts';
import type { Study } from '../../contract/study.ts';
import { defaultBudget } from '../../selection/positional.ts';
import { base, region } from './points.ts';

const adapter = { rank: 8, alpha: 16 };

/** The quarters of the headline study and the whole model, with LoRA of rank 8 in place of full training. */
export function lora(layers: number): Study {
	const k = defaultBudget(layers);
	const adapted = (
		id: string,
		label: string,
		selection: Selection,
		position: number | null = null,
	) => ({ ...region(id, label, selection, position), adapter });
	return {
		id: 'demo-lora',
		title: 'The same with LoRA',
		question: 'Do low-rank adapters on the same layers split comprehension and production too?',
		expectation: 'The order is the same as with full training: front understands, rear speaks.',
		finding:
			'The order is the same: the front understands (.64) and hardly speaks (.06), the rear speaks (.31) more than it ' +
			'understands (.20) and understands nothing beside a language it was not taught with (.00). All learn slower than in ' +
			'full training, and CogSym (.78 / .66) stays behind the whole model (.88 / .82).',
		axis: 'region',
		points: [
			base,
			adapted('lora-front', 'LoRA front 25 %', { method: 'front', k }, 0),
			adapted('lora-rear', 'LoRA rear 25 %', { method: 'rear', k }, 2),
			adapted('lora-cogsym', 'LoRA CogSym 25 %', { method: 'cogsym', k }),
			adapted('lora-full', 'LoRA full', { method: 'full' }),
		],
	};
}
