/** The training thread: owns the device. */
import { expose } from 'comlink';
import { createTrainer } from '../src/session/trainer.ts';

expose(createTrainer());
