/** The training thread: owns the device. */
import { expose } from 'comlink';
import { trainerWork } from '../src/contract/doing.ts';
import { guarded } from '../src/session/guard.ts';
import { createTrainer } from '../src/session/trainer.ts';

expose(guarded(createTrainer(), trainerWork));
