/** What is read out while a study runs: milestones only, not every number. Pure. */
import { ofHundred } from './demoPairs.ts';
import type { PointProgress } from './demoProgress.ts';
import { wordScore } from './demoScores.ts';

/** What has just happened, in one sentence; null where nothing worth saying has. */
export function milestone(
	before: readonly PointProgress[],
	after: readonly PointProgress[],
): string | null {
	const changed = after.find(({ state }, index) => state !== before[index]?.state);
	if (!changed) return null;
	const { label } = changed.point;
	const count = `${String(after.filter(({ state }) => state === 'done').length)} of ${String(after.length)}`;
	switch (changed.state) {
		case 'running':
			return `${label}: training begins.`;
		case 'done': {
			const understands = wordScore(changed.scores, 'understands');
			const speaks = wordScore(changed.scores, 'speaks');
			const figures =
				understands && speaks
					? ` It understands ${ofHundred(understands)} words and says ${ofHundred(speaks)}.`
					: '';
			return `${label}: finished, ${count}.${figures}`;
		}
		case 'failed':
			return `${label}: failed.`;
		default:
			return null;
	}
}
