/** How far a measurement of many tasks is, and how long the rest will take. Pure. */
import type { MeasureStep } from './measureSteps.ts';

type Measured = Pick<MeasureStep, 'task' | 'lens'>;

export interface MeasurePace {
	readonly done: number;
	readonly total: number;
	/** null until there is enough to tell by. */
	readonly secondsLeft: number | null;
}

/** Share of the work after which the rest can be foretold. */
const enough = 0.02;

/** About as long as so many short prompts: a line is longer than a word, and is written word by word. */
function workOf({ task, lens }: Measured): number {
	if (lens) return task.kind === 'words' ? task.set.pairs.length : 0;
	switch (task.kind) {
		case 'words':
			return 3 * task.set.pairs.length * task.runs;
		case 'translation':
			return 20 * task.set.test.length * task.runs;
		case 'sentiment':
			return 2 * task.set.test.length * task.runs;
		case 'exam':
			return 2 * task.set.questions.length * task.runs;
		case 'text-loss':
			return task.set.texts.length;
		case 'block-loss':
			return task.block.count;
		case 'generation':
		case 'choice':
			return task.items.length;
	}
}

/** `after(step, share, seconds)`: in the step of that number, that share of it done, so many seconds after the start. */
export function measurePace(steps: readonly Measured[]) {
	const work = steps.map(workOf);
	const total = work.reduce((sum, one) => sum + one, 0);
	return (step: number, share: number, seconds: number): MeasurePace => {
		const before = work.slice(0, step).reduce((sum, one) => sum + one, 0);
		const done = before + Math.min(1, share) * (work[step] ?? 0);
		const known = done > enough * total;
		return { done, total, secondsLeft: known ? (seconds * (total - done)) / done : null };
	};
}
