/** What was measured on a run. */
import { namedError } from '../contract/errors.ts';
import type { MetricRow } from '../contract/evaluation.ts';
import { committed, keysOfRun, type LabDatabase } from './database.ts';

/** Keeps rows with their run; measuring the same thing again replaces its row. Rejects with `NotFound`. */
export async function saveResults(
	db: LabDatabase,
	runId: string,
	rows: readonly MetricRow[],
): Promise<void> {
	const transaction = db.transaction(['runs', 'results'], 'readwrite');
	const known = await transaction.objectStore('runs').getKey(runId);
	if (known === undefined) {
		throw namedError('NotFound', `No run ${runId} is stored; its results cannot be kept.`);
	}
	const results = transaction.objectStore('results');
	await committed(
		transaction,
		rows.map((row) => results.put({ runId, row })),
	);
}

/** The rows of a run, in order of task, subject, metric and weights. */
export async function readResults(db: LabDatabase, runId: string): Promise<MetricRow[]> {
	const stored = await db.getAll('results', keysOfRun(runId));
	return stored.map(({ row }) => row);
}
