/** What is to be known of results beside their numbers: items that are known from elsewhere, prompts that were cut. Pure. */
import type { MetricRow } from '../contract/evaluation.ts';

/** One line each, every one once; several rows may be of the same items. */
export function remarks(rows: readonly MetricRow[]): readonly string[] {
	const lines = rows.flatMap((row) =>
		[...overlapLines(row), ...cutLines(row)].map((line) => `${row.task}, ${row.subject}: ${line}`),
	);
	return [...new Set(lines)];
}

const number = (value: number) => value.toLocaleString('en');

function overlapLines({ overlap }: MetricRow): string[] {
	if (!overlap) return [];
	const { items, repeated, shown, trained } = overlap;
	const told = (count: number, one: string, several: string) =>
		count > 0 ? [`${number(count)} of ${number(items)} items ${count === 1 ? one : several}`] : [];
	return [
		...told(repeated, 'is the same as one before it', 'are the same as one before them'),
		...told(
			shown,
			'also occurs among the examples; it is not shown with itself',
			'also occur among the examples; none is shown with itself',
		),
		...told(
			trained ?? 0,
			'stands in a row that the run was trained on',
			'stand in rows that the run was trained on',
		),
	];
}

function cutLines({ metric, shortened, cutItems = 0, count, runs }: MetricRow): string[] {
	if (shortened === 0) return [];
	if (metric === 'loss-per-token')
		return [
			shortened === 1
				? '1 text was longer than the context; its end was left out'
				: `${number(shortened)} texts were longer than the context; their end was left out`,
		];
	const were = shortened === 1 ? 'was' : 'were';
	const prompts = `${number(shortened)} of ${number(count * runs)} prompts ${were} shortened to fit the context`;
	return [
		cutItems > 0 ? `${prompts}; in ${number(cutItems)} of them the item itself was cut` : prompts,
	];
}
