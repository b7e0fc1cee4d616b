/** The training thread: owns the device. */
import { expose } from 'comlink';
import { trainerWork } from '../src/contract/doing.ts';
import { trustOwnScripts } from '../src/contract/trustedScripts.ts';
import { guarded } from '../src/session/guard.ts';
import { createTrainer } from '../src/session/trainer.ts';

// Helpers of the WASM backend and the threads of spectra are started from here.
trustOwnScripts();

expose(guarded(createTrainer(), trainerWork));
