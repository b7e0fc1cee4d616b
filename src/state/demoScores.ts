/** Scores of a demo study from its flat rows: one number per task, and the columns of the table. Pure. */
import type { MetricRow } from '../contract/evaluation.ts';

/** Understanding is new language to known, speaking is known to new. */
export type Direction = 'understands' | 'speaks';

export interface Score {
	/** In [0, 1]. */
	readonly mean: number;
	/** Items counted. */
	readonly count: number;
}

export interface ScoreColumn {
	readonly task: string;
	readonly metric: MetricRow['metric'];
	/** Heading over one or two columns. */
	readonly group: string;
	readonly name: string;
	/** How the number is counted, in words. */
	readonly counted: string;
}

const exact = 'share of answers exactly right';
const overlap = 'token F1: overlap with the expected sentence';

/** Every task of the table, in its order. */
export const scoreColumns: readonly ScoreColumn[] = [
	column('words-comprehension', 'exact-match', 'Words', 'understands', exact),
	column('words-production', 'exact-match', 'Words', 'speaks', exact),
	column('carried-comprehension', 'exact-match', 'Carried over', 'understands', exact),
	column('carried-production', 'exact-match', 'Carried over', 'speaks', exact),
	column('sentences-comprehension', 'token-f1', 'Sentences', 'understands', overlap),
	column('sentences-production', 'token-f1', 'Sentences', 'speaks', overlap),
	column('relation-comprehension', 'exact-match', 'Look-ups', 'understands', exact),
	column('relation-production', 'exact-match', 'Look-ups', 'speaks', exact),
	column('sentiment', 'macro-f1', 'Sentiment', 'judges', 'macro-F1 over three judgements'),
	column('choice', 'accuracy', 'Questions', 'chooses', 'share of questions answered rightly'),
	column('words-known', 'exact-match', 'Not forgotten', 'words', exact),
	column('sentences-known', 'token-f1', 'Not forgotten', 'sentences', overlap),
	column('relation-known', 'exact-match', 'Not forgotten', 'look-ups', exact),
	column(
		'sentiment-known',
		'macro-f1',
		'Not forgotten',
		'judging',
		'macro-F1 over three judgements',
	),
	column(
		'choice-known',
		'accuracy',
		'Not forgotten',
		'choosing',
		'share of questions answered rightly',
	),
];

function column(
	task: string,
	metric: MetricRow['metric'],
	group: string,
	name: string,
	counted: string,
): ScoreColumn {
	return { task, metric, group, name, counted };
}

/** Scores by task; absent where a task was not measured. */
export type Scores = Readonly<Partial<Record<string, Score>>>;

/** One score per task of the table: the mean over its rows (its language pairs), weighted by items. */
export function scoresOf(rows: readonly MetricRow[]): Scores {
	const entries = scoreColumns.flatMap(({ task, metric }) => {
		const own = rows.filter((row) => row.task === task && row.metric === metric);
		const count = own.reduce((sum, row) => sum + row.count, 0);
		const mean = own.reduce((sum, row) => sum + row.mean * row.count, 0) / count;
		return count === 0 ? [] : [[task, { mean, count }] as const];
	});
	return Object.fromEntries(entries);
}

/** The headline pair: words, exactly right; null where they were not measured. */
export function wordScore(scores: Scores, direction: Direction): Score | null {
	const task = direction === 'understands' ? 'words-comprehension' : 'words-production';
	return scores[task] ?? null;
}

/** Columns that at least one configuration was measured on. */
export function measuredColumns(all: readonly Scores[]): readonly ScoreColumn[] {
	return scoreColumns.filter(({ task }) => all.some((scores) => scores[task]));
}

/** Standard error of a share of items that are right or wrong; at 0 and 1 as if one more of each had been seen. */
function standardError({ mean, count }: Score): number {
	const share = (mean * count + 1) / (count + 2);
	return Math.sqrt((share * (1 - share)) / count);
}

/**
 * Whether a is above b by more than chance and by enough to matter: by 0.05 and by twice the standard error of the
 * difference of two independent shares.
 */
export function clearlyAbove(a: Score, b: Score): boolean {
	const difference = a.mean - b.mean;
	const error = Math.hypot(standardError(a), standardError(b));
	return difference >= 0.05 && difference > 2 * error;
}
