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
	const of = (count: number) => `${number(count)} of ${number(items)} items`;
	return [
		...(repeated > 0 ? [`${of(repeated)} are the same as one before them`] : []),
		...(shown > 0 ? [`${of(shown)} also occur among the examples; none is shown with itself`] : []),
		...(trained ? [`${of(trained)} stand in rows that the run was trained on`] : []),
	];
}

function cutLines({ metric, shortened, cutItems = 0, count, runs }: MetricRow): string[] {
	if (shortened === 0) return [];
	if (metric === 'loss-per-token')
		return [`${number(shortened)} texts were longer than the context; their end was left out`];
	const prompts = `${number(shortened)} of ${number(count * runs)} prompts were shortened to fit the context`;
	return [
		cutItems > 0 ? `${prompts}; in ${number(cutItems)} of them the item itself was cut` : prompts,
	];
}
