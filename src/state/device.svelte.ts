/** The training thread and its device: which backend runs, why, and how to force another one. */
import type { DeviceReport, TrainerApi } from '../contract/trainerApi.ts';
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

/** What the user lets the device hold, in GB; null where nothing was said. */
function recalledMemory(): number | null {
	const gigabytes = Number(recall('memory'));
	return gigabytes > 0 ? gigabytes : null;
}

export class Device {
	#connection: Connection<TrainerApi>;
	#ready: Promise<DeviceReport>;
	#report = $state.raw<DeviceReport | null>(null);
	#failure = $state.raw<Failure | null>(null);
	#choice = $state.raw<BackendChoice>(recalled());
	#generation = $state.raw(0);
	#memory = $state.raw(recalledMemory());

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

	/** What to do about the failure: another device where there is not the one that was chosen. */
	get remedy(): BackendChoice {
		return this.#failure?.name === 'NoAdapter' ? 'wasm' : this.#choice;
	}

	get choice(): BackendChoice {
		return this.#choice;
	}

	/** GB that models and runs may take on the device, null: as far as the lab knows. */
	get memory(): number | null {
		return this.#memory;
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

	/** What needs more GB is refused from now on. */
	limitMemory = async (gigabytes: number | null): Promise<void> => {
		this.#memory = gigabytes;
		remember('memory', gigabytes === null ? null : String(gigabytes));
		await this.#connection.api.limitMemory(bytesOf(gigabytes));
	};

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
			// Whoever asked it is told why; here it only has to run again.
			if (error.name === 'Unresponsive') void this.restart();
		});
		const ready = this.#begin(connection.api);
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

	async #begin(api: TrainerApi): Promise<DeviceReport> {
		if (this.#memory !== null) await api.limitMemory(bytesOf(this.#memory));
		return api.start(this.#choice);
	}
}

const bytesOf = (gigabytes: number | null) => (gigabytes === null ? null : gigabytes * 1e9);
