/** What is drawn: rows of a figure with their seeds put together. Pure. */
import type { SeriesName } from '../paper/figure.ts';
import type { FigureRow } from '../paper/plan.ts';

export interface Mark {
	readonly point: string;
	readonly label: string;
	readonly series: SeriesName;
	/** Updates, or place on the axis; null for what has none. */
	readonly x: number | null;
	readonly mean: number;
	/** Over seeds where there are several, else over evaluation runs; null of a single value. */
	readonly sd: number | null;
	/** Decoder layers that were trained. */
	readonly layers: readonly number[];
}

/** Largest value of a metric: sacrebleu's go to 100. */
export const fullScore = (metric: string): number =>
	['bleu', 'chrf', 'chrf++'].includes(metric) ? 100 : 1;

/** Marks in the order of their first row, as shares of the full score. All rows are of one figure and measure. */
export function marksOf(measured: readonly FigureRow[]): Mark[] {
	const rows = measured.map((row) => {
		const full = fullScore(row.metric);
		return { ...row, mean: row.mean / full, sd: row.sd === null ? null : row.sd / full };
	});
	const groups = new Map<string, FigureRow[]>();
	for (const row of rows) {
		const key = `${row.point} ${row.step ?? ''}`;
		groups.set(key, [...(groups.get(key) ?? []), row]);
	}
	return [...groups.values()].flatMap((group) => {
		const [first] = group;
		if (!first) return [];
		const mean = group.reduce((sum, row) => sum + row.mean, 0) / group.length;
		const squares = group.reduce((sum, row) => sum + (row.mean - mean) ** 2, 0);
		const sd = group.length > 1 ? Math.sqrt(squares / (group.length - 1)) : first.sd;
		const { point, label, series, step, layers } = first;
		return [{ point, label, series, x: step ?? first.x, mean, sd, layers }];
	});
}
