/** What is said of a run that ended by an error: what it is called, how far it came, what is kept. */
import { isNamed, namedError } from '../contract/errors.ts';
import { runStands } from '../contract/runStands.ts';
import { sentence } from '../contract/told.ts';
import type { TrainJob } from '../contract/training.ts';
import { newestCheckpoint } from '../storage/checkpoints.ts';
import type { LabDatabase } from '../storage/database.ts';

/** Errors after which the same run may go on from its checkpoint. */
const passing: readonly string[] = ['DeviceLost', 'DeviceError', 'OutOfMemory'];

/** The error with the run's checkpoint, where that matters; `made`: updates made. */
export async function runFailure(
	error: unknown,
	{ runId }: Pick<TrainJob, 'runId'>,
	made: number,
	db: LabDatabase,
): Promise<unknown> {
	if (!isNamed(error)) return error;
	const numbers = error.name === 'NotFinite';
	if (!numbers && !passing.includes(error.name)) return error;
	// Where the store fails too, what went wrong first is what counts.
	const last = await newestCheckpoint(db, runId).catch(() => null);
	const step = last?.step ?? null;
	if (!numbers)
		return namedError(error.name, `${sentence(error.message)} ${runStands(runId, made, step)}`);
	const kept =
		step === null
			? 'No checkpoint had been written yet'
			: `The checkpoint after ${step} updates is kept`;
	return namedError('NotFinite', `${error.message}. ${kept}`);
}
