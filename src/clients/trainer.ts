/** The training thread: owns the device. */
import type { TrainerApi } from '../contract/workers.ts';
import { type Connection, connect } from './connect.ts';

/** Starts a training thread; several may live side by side, each with a device of its own. Failed calls tell `refused`. */
export function openTrainer(refused?: (reason: unknown) => void): Connection<TrainerApi> {
	return connect<TrainerApi>(
		new Worker(new URL('../../workers/trainer.worker.ts', import.meta.url), {
			type: 'module',
			name: 'trainer',
		}),
		'training thread',
		refused,
	);
}
