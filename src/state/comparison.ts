/** Base against adapted: flat result rows paired for table and picture. Pure. */
import type { MetricRow } from '../contract/evaluation.ts';

export interface Comparison {
	readonly id: string;
	readonly task: string;
	readonly subject: string;
	readonly metric: MetricRow['metric'];
	readonly base: MetricRow | null;
	readonly adapted: MetricRow | null;
	/** Adapted minus base; null until both are measured. */
	readonly difference: number | null;
	/** Whether the difference is an improvement: losses should fall, scores rise. */
	readonly better: boolean | null;
	/** Length of a full bar: 1 for scores, 100 for chrF++ and BLEU, the larger loss with its spread for losses. */
	readonly scale: number;
}

const reach = (row: MetricRow | null): number => (row ? row.mean + (row.sd ?? 0) : 0);

function fullBar(metric: MetricRow['metric'], largestLoss: number): number {
	if (metric === 'loss-per-token') return largestLoss || 1;
	return metric === 'chrf++' || metric === 'bleu' ? 100 : 1;
}

/** One comparison per task and subject, in the order first measured. */
export function compare(rows: readonly MetricRow[]): readonly Comparison[] {
	const name = (row: MetricRow) => `${row.task} ${row.metric} ${row.subject}`;
	const names = [...new Set(rows.map(name))];
	const losses = rows.filter((row) => row.metric === 'loss-per-token');
	const largestLoss = Math.max(0, ...losses.map(reach));
	return names.map((id) => {
		const group = rows.filter((row) => name(row) === id);
		const base = group.find((row) => row.weights === 'base') ?? null;
		const adapted = group.find((row) => row.weights === 'adapted') ?? null;
		const { task, subject, metric } = (base ?? adapted) as MetricRow;
		const difference = base && adapted ? adapted.mean - base.mean : null;
		return {
			id,
			task,
			subject,
			metric,
			base,
			adapted,
			difference,
			better:
				difference === null || difference === 0
					? null
					: metric === 'loss-per-token'
						? difference < 0
						: difference > 0,
			scale: fullBar(metric, largestLoss),
		};
	});
}
