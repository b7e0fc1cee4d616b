/** How long the run of the form will take, by a few updates made for their time. */
import { type RunSpec, totalSteps } from '../contract/spec.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Models } from './models.svelte.ts';
import type { Training } from './training.svelte.ts';

export class Timing {
	readonly #device: Device;
	readonly #models: Models;
	readonly #draft: Draft;
	readonly #training: Training;
	#busy = $state.raw(false);
	#failure = $state.raw<Failure | null>(null);
	#measured = $state.raw<{ readonly spec: RunSpec; readonly perUpdate: number } | null>(null);

	/** Seconds of an update and of all, while the form is as it was when they were measured. */
	readonly seconds = $derived.by(() => {
		const { spec } = this.#draft;
		if (this.#measured?.spec !== spec) return null;
		const { perUpdate } = this.#measured;
		return { perUpdate, total: perUpdate * totalSteps(spec) };
	});

	constructor(device: Device, models: Models, draft: Draft, training: Training) {
		this.#device = device;
		this.#models = models;
		this.#draft = draft;
		this.#training = training;
	}

	get busy(): boolean {
		return this.#busy;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	/** Makes the updates. What was trained is put away: it comes back from its checkpoint where it is asked for. */
	measure = async (): Promise<void> => {
		const { spec } = this.#draft;
		this.#busy = true;
		this.#failure = null;
		try {
			const { train } = await this.#training.prepare(spec);
			await this.#models.ensureLoaded();
			const trainer = await this.#device.trainer();
			this.#training.weights.forget();
			const { secondsPerUpdate } = await trainer.calibrate({ spec, train });
			this.#measured = { spec, perUpdate: secondsPerUpdate };
		} catch (error) {
			this.#failure = explain('The updates could not be timed', error);
		} finally {
			this.#busy = false;
		}
	};
}
