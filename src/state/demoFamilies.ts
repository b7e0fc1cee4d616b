/** What stands where in the picture of a finished study: rows of places, and references beside them. Pure. */
import type { Study } from '../contract/study.ts';
import type { PointProgress } from './demoProgress.ts';
import { type Score, wordScore } from './demoScores.ts';

/** One place of the picture: both abilities of a configuration. */
export interface Place {
	readonly id: string;
	readonly label: string;
	readonly understands: Score;
	readonly speaks: Score;
}

/** Places joined by lines, in the order of their positions. */
export interface Family {
	/** Empty where there is only one. */
	readonly title: string;
	readonly places: readonly Place[];
	/** To compare with, not joined. */
	readonly references: readonly Place[];
	/** Whether neighbours follow one another, so that a line between them means something. */
	readonly joined: boolean;
}

const titles: Readonly<Record<string, string>> = { front: 'From the front', rear: 'From the rear' };

function placeOf({ point, scores }: PointProgress): Place[] {
	const understands = wordScore(scores, 'understands');
	const speaks = wordScore(scores, 'speaks');
	return understands && speaks ? [{ id: point.id, label: point.label, understands, speaks }] : [];
}

/** One family, or one per end where a study lets regions grow from both. Configurations without scores are left out. */
export function families(study: Study, all: readonly PointProgress[]): readonly Family[] {
	const references = all.filter(({ point }) => point.position === null).flatMap(placeOf);
	const placed = all
		.filter(({ point }) => point.position !== null)
		.sort((a, b) => (a.point.position ?? 0) - (b.point.position ?? 0));
	const names =
		study.axis === 'layers trained'
			? study.points.flatMap(({ position, stages }) =>
					position === null ? [] : (stages[0]?.method ?? []),
				)
			: [''];
	const joined = study.axis !== 'order';
	return [...new Set(names)].map((name) => ({
		title: titles[name] ?? '',
		places: placed
			.filter(({ point }) => name === '' || point.stages[0]?.method === name)
			.flatMap(placeOf),
		references,
		joined,
	}));
}
