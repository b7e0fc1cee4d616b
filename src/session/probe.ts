/** What is measured on a run while it trains. */
import type { Measurement } from '../contract/evaluation.ts';
import { totalSteps } from '../contract/spec.ts';
import { isProbed, type TrainingEvent, type TrainJob } from '../contract/training.ts';
import type { Ops } from '../engine/ops.ts';
import type { LabDatabase } from '../storage/database.ts';
import { measuredSteps, saveMeasurement } from '../storage/results.ts';
import { evaluate } from './evaluate.ts';
import type { LoadedModel } from './model.ts';

export interface ProbeTools {
	readonly ops: Ops;
	readonly model: LoadedModel;
	readonly db: LabDatabase;
	readonly emit: (event: TrainingEvent) => void;
	/** Throws `Cancelled` where the user has asked to stop. */
	readonly check: () => void;
}

/**
 * Returns a function to be called before every update and after the last one, with the number of updates done: it
 * measures where it is time to and it was not done before, in this session or an earlier one. False where it was
 * interrupted; then it is done when the run goes on.
 */
export async function createProbe(
	{ runId, spec, probe }: TrainJob,
	{ ops, model, db, emit, check }: ProbeTools,
): Promise<(step: number) => Promise<boolean>> {
	if (probe === null) return () => Promise.resolve(true);
	const { tasks } = probe;
	const last = totalSteps(spec);
	const measured = new Set(await measuredSteps(db, runId));
	return async (step) => {
		if (measured.has(step) || !isProbed(probe, step, last)) return true;
		const isEnd = step === 0 || step === last;
		const weights = step === 0 ? 'base' : 'current';
		const control = { onProgress: () => undefined, check };
		let measurement: Measurement;
		try {
			measurement = { step, ...(await evaluate(ops, model, { weights, tasks }, control)) };
		} catch (error) {
			if (error instanceof Error && error.name === 'Cancelled') return false;
			throw error;
		}
		// Every prompt with what was said to it, every few updates, would soon be more than the run itself.
		await saveMeasurement(db, runId, isEnd ? measurement : { ...measurement, predictions: [] });
		measured.add(step);
		emit({ kind: 'measured', ...measurement });
		return true;
	};
}
