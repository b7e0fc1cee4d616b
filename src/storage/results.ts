/** What was measured on a run. */
import { namedError } from '../contract/errors.ts';
import type { Measurement, MetricRow, NamedPrediction } from '../contract/evaluation.ts';
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

/**
 * Keeps the rows of a list of tasks (by its fingerprint) together, in their order: of a run, with its other results, or of
 * a model as its files have it. Rejects with `NotFound` where there is neither.
 */
export async function saveFinal(
	db: LabDatabase,
	owner: string,
	tasks: string,
	rows: readonly MetricRow[],
): Promise<void> {
	const stores = ['runs', 'models', 'results', 'finals'] as const;
	const transaction = db.transaction(stores, 'readwrite');
	const run = await transaction.objectStore('runs').getKey(owner);
	const model = run ?? (await transaction.objectStore('models').getKey(owner));
	if (model === undefined)
		throw namedError('NotFound', `No run or model ${owner} is stored; its results cannot be kept.`);
	const results = transaction.objectStore('results');
	await committed(transaction, [
		transaction.objectStore('finals').put(rows, [owner, tasks]),
		...(run === undefined ? [] : rows.map((row) => results.put({ runId: run, row }))),
	]);
}

/** The rows of a list of tasks; null where it was not measured. */
export async function readFinal(
	db: LabDatabase,
	owner: string,
	tasks: string,
): Promise<readonly MetricRow[] | null> {
	return (await db.get('finals', [owner, tasks])) ?? null;
}

/** Deletes what `saveFinal` kept of a run or model, so that it is measured again. */
export async function forgetFinals(db: LabDatabase, owner: string): Promise<void> {
	await db.delete('finals', keysOfRun(owner));
}

/** The rows of a run, in order of task, subject, metric and weights. */
export async function readResults(db: LabDatabase, runId: string): Promise<MetricRow[]> {
	const stored = await db.getAll('results', keysOfRun(runId));
	return stored.map(({ row }) => row);
}

/** Keeps the answers to one task with their run, in place of earlier ones. Rejects with `NotFound`. */
export async function saveAnswers(
	db: LabDatabase,
	runId: string,
	predictions: readonly NamedPrediction[],
): Promise<void> {
	const [first] = predictions;
	if (!first) return;
	const transaction = db.transaction(['runs', 'answers'], 'readwrite');
	const known = await transaction.objectStore('runs').getKey(runId);
	if (known === undefined)
		throw namedError('NotFound', `No run ${runId} is stored; its answers cannot be kept.`);
	const key: [string, string, string, string] = [runId, first.task, first.subject, first.weights];
	await committed(transaction, [transaction.objectStore('answers').put(predictions, key)]);
}

/** All answers that are kept with a run, in order of task, subject and weights. */
export async function readAnswers(db: LabDatabase, runId: string): Promise<NamedPrediction[]> {
	return (await db.getAll('answers', keysOfRun(runId))).flat();
}

/** Keeps what was measured after a number of updates with its run. Rejects with `NotFound`. */
export async function saveMeasurement(
	db: LabDatabase,
	runId: string,
	measurement: Measurement,
): Promise<void> {
	const transaction = db.transaction(['runs', 'measurements'], 'readwrite');
	const known = await transaction.objectStore('runs').getKey(runId);
	if (known === undefined) {
		throw namedError('NotFound', `No run ${runId} is stored; its measurements cannot be kept.`);
	}
	const measurements = transaction.objectStore('measurements');
	await committed(transaction, [measurements.put(measurement, [runId, measurement.step])]);
}

/** Numbers of updates after which a run was measured. */
export async function measuredSteps(db: LabDatabase, runId: string): Promise<number[]> {
	const keys = await db.getAllKeys('measurements', keysOfRun(runId));
	return keys.map(([, step]) => step);
}
