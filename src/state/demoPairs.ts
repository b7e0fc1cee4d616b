/** What the words about a study are made of: both scores of a configuration, and how they are said. Pure. */
import type { PointProgress } from './demoProgress.ts';
import { type Score, wordScore } from './demoScores.ts';

export interface Conclusion {
	/** Whether the expected split shows. */
	readonly verdict: 'shows' | 'partly' | 'not';
	readonly headline: string;
	readonly sentences: readonly string[];
}

export type Result = Pick<PointProgress, 'point' | 'scores' | 'curve'>;

export interface Pair {
	readonly understands: Score;
	readonly speaks: Score;
}

/** "94 of 100". */
export function ofHundred(score: Score): string {
	return `${String(Math.round(score.mean * 100))} of 100`;
}

/** Word scores of the configuration; null where one is missing. */
export function pairOf(results: readonly Result[], id: string): Pair | null {
	const scores = results.find(({ point }) => point.id === id)?.scores ?? {};
	const understands = wordScore(scores, 'understands');
	const speaks = wordScore(scores, 'speaks');
	return understands && speaks ? { understands, speaks } : null;
}

export const splitHeadlines = {
	shows: 'The front learnt to understand, the rear learnt to speak.',
	partly: 'Part of the expected picture shows.',
	not: 'The expected split does not show in this run.',
} as const;

/** How it was before. */
export function baseWords(base: Pair | null): string[] {
	if (!base) return [];
	const { understands, speaks } = base;
	return [`Before training it understood ${ofHundred(understands)} and said ${ofHundred(speaks)}.`];
}

/** Mean of several scores, weighted by items. */
export function pooled(scores: readonly Score[]): Score {
	const count = scores.reduce((sum, score) => sum + score.count, 0);
	return { mean: scores.reduce((sum, one) => sum + one.mean * one.count, 0) / (count || 1), count };
}
