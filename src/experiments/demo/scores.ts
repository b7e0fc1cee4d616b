/** The numbers of the demo's table: one per measure, from the flat rows of a run, and over runs. */
import type { MetricRow } from '../../contract/evaluation.ts';

interface Measure {
	readonly name: string;
	readonly task: string;
	readonly metric: MetricRow['metric'];
}

const measure = (name: string, task: string, metric: MetricRow['metric']): Measure => ({
	name,
	task,
	metric,
});

/** In the order of the table. */
export const demoMeasures: readonly Measure[] = [
	measure('words understood', 'words-comprehension', 'exact-match'),
	measure('words spoken', 'words-production', 'exact-match'),
	measure('carried understood', 'carried-comprehension', 'exact-match'),
	measure('carried spoken', 'carried-production', 'exact-match'),
	measure('sentences understood', 'sentences-comprehension', 'exact-match'),
	measure('understood F1', 'sentences-comprehension', 'token-f1'),
	measure('sentences spoken', 'sentences-production', 'exact-match'),
	measure('spoken F1', 'sentences-production', 'token-f1'),
	measure('sentiment', 'sentiment', 'macro-f1'),
	measure('choice', 'choice', 'accuracy'),
	measure('relation understood', 'relation-comprehension', 'exact-match'),
	measure('relation spoken', 'relation-production', 'exact-match'),
	measure('words kept', 'words-known', 'exact-match'),
	measure('sentences kept', 'sentences-known', 'exact-match'),
	measure('relation kept', 'relation-known', 'exact-match'),
	measure('sentiment kept', 'sentiment-known', 'macro-f1'),
	measure('choice kept', 'choice-known', 'accuracy'),
];

/** Mean over all subjects of each measure, weighted by their items; null where nothing was measured. */
export function demoScores(rows: readonly MetricRow[]): (number | null)[] {
	return demoMeasures.map(({ task, metric }) => {
		const own = rows.filter((row) => row.task === task && row.metric === metric);
		const count = own.reduce((sum, row) => sum + row.count, 0);
		return count === 0 ? null : own.reduce((sum, row) => sum + row.mean * row.count, 0) / count;
	});
}

export interface Spread {
	readonly mean: number;
	/** Standard deviation (n - 1); null of a single value. */
	readonly sd: number | null;
	readonly count: number;
}

/** Mean and standard deviation of each measure over runs; null where no run has it. */
export function spreadOverRuns(runs: readonly (readonly MetricRow[])[]): (Spread | null)[] {
	const scores = runs.map(demoScores);
	return demoMeasures.map((_, index) => {
		const values = scores.flatMap((one) => one[index] ?? []);
		const count = values.length;
		if (count === 0) return null;
		const mean = values.reduce((sum, value) => sum + value, 0) / count;
		const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
		return { mean, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : null, count };
	});
}
