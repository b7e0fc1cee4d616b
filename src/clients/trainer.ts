/** The training thread: owns the device. */
import { trainerWork } from '../contract/doing.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import { type Connection, connect } from './connect.ts';
import { longWork } from './patience.ts';

/** Starts a training thread; several may live side by side, each with a device of its own. Failed calls tell `refused`. */
export function openTrainer(refused?: (reason: unknown) => void): Connection<TrainerApi> {
	return connect<TrainerApi>(
		new Worker(new URL('../../workers/trainer.worker.ts', import.meta.url), {
			type: 'module',
			name: 'trainer',
		}),
		{
			role: 'training thread',
			works: trainerWork,
			patience: longWork,
			advice:
				'What was stored is still there, and a run goes on from its last checkpoint. If it happens again, take smaller ' +
				'batches or shorter sequences.',
		},
		refused,
	);
}
