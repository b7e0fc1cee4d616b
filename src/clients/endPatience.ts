/** How long a training thread may take to end by itself. */
import type { TrainingForecast } from '../contract/training.ts';

/** Milliseconds: a thread that measures, or has nothing to end, has to answer. */
export const leastPatience = 3000;
/** Slower devices and disks than these nobody trains on. */
const flopsPerSecond = 1e9;
const bytesPerSecond = 10e6;

/** Milliseconds for the running update and the checkpoint after it: weights that train, and their moments. */
export function patienceOf({
	flopsPerStep,
	trainableParameters,
	bytes,
}: Pick<TrainingForecast, 'flopsPerStep' | 'trainableParameters'> & {
	readonly bytes: Pick<TrainingForecast['bytes'], 'optimizer'>;
}): number {
	const checkpoint = 4 * trainableParameters + bytes.optimizer;
	return leastPatience + 1000 * (flopsPerStep / flopsPerSecond + checkpoint / bytesPerSecond);
}
