/** Answers as a file, each with its exact prompt. Pure. */
import { csvText } from '../contract/csvText.ts';
import type { NamedPrediction } from '../contract/evaluation.ts';

export type PredictionFile = 'csv' | 'jsonl';

/**
 * The fields of a prediction in this order; a run is counted from 0, and empty or null where a task has only one. `cut` comes
 * last, where the prompt is not whole.
 */
const rowOf = (one: NamedPrediction) => ({
	...{ task: one.task, subject: one.subject, weights: one.weights, run: one.run ?? null },
	...{ right: one.right, expected: one.expected, given: one.given, prompt: one.prompt },
	...(one.cut ? { cut: one.cut } : {}),
});

/** CSV with a header, or one JSON object on each line. */
export function predictionText(
	predictions: readonly NamedPrediction[],
	form: PredictionFile,
): string {
	const rows = predictions.map(rowOf);
	return form === 'csv' ? csvText(rows) : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
