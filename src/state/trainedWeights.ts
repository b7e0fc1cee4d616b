/** Whose trained weights are on the device. */
import type { Device } from './device.svelte.ts';
import type { Models } from './models.svelte.ts';

export class TrainedWeights {
	readonly #device: Device;
	readonly #models: Models;
	/** A run, with the device and the load its weights were put on. */
	#current: string | null = null;

	constructor(device: Device, models: Models) {
		this.#device = device;
		this.#models = models;
	}

	/** No run's weights are on the device any more. */
	forget(): void {
		this.#current = null;
	}

	/** A run was trained on the model that is on the device. */
	take(run: string): void {
		this.#current = this.#mark(run);
	}

	/** Puts the trained weights of a run in place, from its checkpoint where they are not on the device. */
	async ensure(run: string): Promise<void> {
		if (this.#current === this.#mark(run)) return;
		const trainer = await this.#device.trainer();
		// A restore that fails halfway leaves neither run's weights.
		this.forget();
		await trainer.restore(run);
		this.take(run);
	}

	#mark(run: string): string {
		return `${run} ${String(this.#device.generation)} ${String(this.#models.loads)}`;
	}
}
