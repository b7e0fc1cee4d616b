/** What was measured on a run. */
import { namedError } from '../contract/errors.ts';
import type { Measurement, MetricRow, NamedPrediction } from '../contract/evaluation.ts';
import { committed, keysOfRun, strict, type LabDatabase } from './database.ts';
import { withRoom, withRoomToDelete } from './quota.ts';

/** Keeps rows with their run; measuring the same thing again replaces its row. Rejects with `NotFound`, `QuotaExceeded`. */
export async function saveResults(
	db: LabDatabase,
	runId: string,
	rows: readonly MetricRow[],
): Promise<void> {
	await withRoom(`results of run ${runId}`, 0, async () => {
		const transaction = db.transaction(['runs', 'results'], 'readwrite', strict);
		await requireRun(transaction.objectStore('runs').getKey(runId), runId, 'results');
		const results = transaction.objectStore('results');
		await committed(
			transaction,
			rows.map((row) => results.put({ runId, row })),
		);
	});
}

async function requireRun(key: Promise<string | undefined>, id: string, what: string) {
	if ((await key) === undefined)
		throw namedError('NotFound', `No run ${id} is stored; its ${what} cannot be kept.`);
}

/**
 * Keeps the rows of a list of tasks (by its fingerprint) together, in their order: of a run, with its other results, or of
 * a model as its files have it. Rejects with `NotFound` where there is neither, or with `QuotaExceeded`.
 */
export async function saveFinal(
	db: LabDatabase,
	owner: string,
	tasks: string,
	rows: readonly MetricRow[],
): Promise<void> {
	const stores = ['runs', 'models', 'results', 'finals'] as const;
	await withRoom(`results of ${owner}`, 0, async () => {
		const transaction = db.transaction(stores, 'readwrite', strict);
		const run = await transaction.objectStore('runs').getKey(owner);
		const model = run ?? (await transaction.objectStore('models').getKey(owner));
		if (model === undefined)
			throw namedError(
				'NotFound',
				`No run or model ${owner} is stored; its results cannot be kept.`,
			);
		const results = transaction.objectStore('results');
		await committed(transaction, [
			transaction.objectStore('finals').put(rows, [owner, tasks]),
			...(run === undefined ? [] : rows.map((row) => results.put({ runId: run, row }))),
		]);
	});
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
	await withRoomToDelete(() => db.delete('finals', keysOfRun(owner)));
}

/** The rows of a run, in order of task, subject, metric and weights. */
export async function readResults(db: LabDatabase, runId: string): Promise<MetricRow[]> {
	const stored = await db.getAll('results', keysOfRun(runId));
	return stored.map(({ row }) => row);
}

/** Keeps the answers to one task with their run, in place of earlier ones. Rejects with `NotFound`, `QuotaExceeded`. */
export async function saveAnswers(
	db: LabDatabase,
	runId: string,
	predictions: readonly NamedPrediction[],
): Promise<void> {
	const [first] = predictions;
	if (!first) return;
	const key: [string, string, string, string] = [runId, first.task, first.subject, first.weights];
	const bytes = JSON.stringify(predictions).length;
	await withRoom(`answers of run ${runId}`, bytes, async () => {
		const transaction = db.transaction(['runs', 'answers'], 'readwrite', strict);
		await requireRun(transaction.objectStore('runs').getKey(runId), runId, 'answers');
		await committed(transaction, [transaction.objectStore('answers').put(predictions, key)]);
	});
}

/** All answers that are kept with a run, in order of task, subject and weights. */
export async function readAnswers(db: LabDatabase, runId: string): Promise<NamedPrediction[]> {
	return (await db.getAll('answers', keysOfRun(runId))).flat();
}

/** Keeps what was measured after a number of updates with its run. Rejects with `NotFound`, `QuotaExceeded`. */
export async function saveMeasurement(
	db: LabDatabase,
	runId: string,
	measurement: Measurement,
): Promise<void> {
	const bytes = JSON.stringify(measurement).length;
	await withRoom(`measurements of run ${runId}`, bytes, async () => {
		const transaction = db.transaction(['runs', 'measurements'], 'readwrite', strict);
		await requireRun(transaction.objectStore('runs').getKey(runId), runId, 'measurements');
		const measurements = transaction.objectStore('measurements');
		await committed(transaction, [measurements.put(measurement, [runId, measurement.step])]);
	});
}

/** Numbers of updates after which a run was measured. */
export async function measuredSteps(db: LabDatabase, runId: string): Promise<number[]> {
	const keys = await db.getAllKeys('measurements', keysOfRun(runId));
	return keys.map(([, step]) => step);
}
