/** Types of print.mjs, as far as tests need them. */
import type { MetricRow } from '../contract/evaluation.ts';
import type { Receipt } from '../contract/training.ts';

export function metricTable(rows: readonly MetricRow[]): string;
export function receiptSummary(receipt: Receipt): { readonly still: readonly string[] };
export function trainSummary(result: {
	readonly run: string;
	readonly status: string;
	readonly steps: number;
	readonly losses: readonly number[];
	readonly results: readonly MetricRow[];
	readonly receipt: Receipt;
}): string;
