/** The training thread and its device: which backend runs, why, and how to force another one. */
import type { DeviceReport, TrainerApi } from '../contract/workers.ts';
import type { Connection } from '../clients/connect.ts';
import { openTrainer } from '../clients/trainer.ts';
import { explain, type Failure } from './failure.ts';
import { recall, remember } from './memory.ts';

export type BackendChoice = 'auto' | 'webgpu' | 'wasm';

/** A device that failed once in one of these ways answers every later call with the same error. */
const fatal: readonly string[] = ['DeviceLost', 'OutOfMemory', 'DeviceError'];

const choices: readonly string[] = ['auto', 'webgpu', 'wasm'];

function recalled(): BackendChoice {
	const text = recall('backend');
	return text !== null && choices.includes(text) ? (text as BackendChoice) : 'auto';
}

export class Device {
	#connection: Connection<TrainerApi>;
	#ready: Promise<DeviceReport>;
	#report = $state.raw<DeviceReport | null>(null);
	#failure = $state.raw<Failure | null>(null);
	#choice = $state.raw<BackendChoice>(recalled());
	#generation = $state.raw(0);

	constructor() {
		this.#connection = this.#open();
		this.#ready = this.#start();
	}

	/** What runs; null while starting or after a failure. */
	get report(): DeviceReport | null {
		return this.#report;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	get choice(): BackendChoice {
		return this.#choice;
	}

	/** Counts restarts: whatever was on the device of an older generation is gone. */
	get generation(): number {
		return this.#generation;
	}

	/** The thread, once its device runs. Rejects if the device could not be started. */
	trainer = async (): Promise<TrainerApi> => {
		await this.#ready;
		return this.#connection.api;
	};

	/** The thread now, for pause, stop and cancel, which must not wait. */
	get control(): TrainerApi {
		return this.#connection.api;
	}

	/** Ends the thread with all that is on its device and starts a new one. */
	restart = async (choice: BackendChoice = this.#choice): Promise<void> => {
		this.#choice = choice;
		remember('backend', choice);
		this.#connection.close();
		this.#generation += 1;
		this.#connection = this.#open();
		this.#report = null;
		this.#ready = this.#start();
		await this.#ready.catch(() => undefined);
	};

	/** Told of every failed call: after a fatal error nothing runs until the device is restarted. */
	noticed = (error: unknown): void => {
		if (!(error instanceof Error) || !fatal.includes(error.name)) return;
		this.#report = null;
		this.#failure = explain('The training device stopped', error);
		this.#ready = Promise.reject(error);
		this.#ready.catch(() => undefined);
	};

	#open(): Connection<TrainerApi> {
		const generation = this.#generation;
		return openTrainer((error) => {
			if (generation === this.#generation) this.noticed(error);
		});
	}

	#start(): Promise<DeviceReport> {
		const connection = this.#connection;
		this.#failure = null;
		void connection.lost.then((error) => {
			if (connection !== this.#connection) return;
			this.#report = null;
			this.#failure = explain('The training device stopped', error);
		});
		const ready = connection.api.start(this.#choice);
		ready.then(
			(report) => {
				if (connection === this.#connection) this.#report = report;
			},
			(error: unknown) => {
				if (connection === this.#connection)
					this.#failure = explain('The training device could not be started', error);
			},
		);
		return ready;
	}
}
