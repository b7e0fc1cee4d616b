/** What the training thread holds between calls: a device, a model, and whether it is busy. */
import packageJson from '../../package.json' with { type: 'json' };
import { namedError } from '../contract/errors.ts';
import type { RunEnvironment } from '../contract/library.ts';
import type { Ops } from '../engine/ops.ts';
import type { LoadedComet } from './comet.ts';
import { type Device, type PlanDevice, planDevice } from './device.ts';
import { createGate } from './gate.ts';
import type { LoadedModel } from './model.ts';

export class TrainerState {
	readonly gate = createGate();
	device: Device | null = null;
	model: LoadedModel | null = null;
	/** Bytes the device may hold as the user says, null where nothing was said. */
	memory: number | null = null;
	/** Scores translations; stays when another model is loaded. */
	comet: LoadedComet | null = null;
	#job: string | null = null;
	#cancelled = false;

	/** Throws `NotFound` before `start`. */
	get ops(): Ops {
		return this.#started().ops;
	}

	/** What plans are made for. Throws `NotFound` before `start`. */
	get planDevice(): PlanDevice {
		return planDevice(this.ops, this.memory);
	}

	/** Throws `NotFound` before `load`. */
	get loaded(): LoadedModel {
		if (this.model === null) throw namedError('NotFound', 'No model is loaded; choose one first');
		return this.model;
	}

	get environment(): RunEnvironment {
		const { backend, adapter, software, replaced } = this.#started().report;
		const { userAgent } = navigator;
		const { version } = packageJson;
		return { backend, adapter, software, userAgent, version, ...(replaced && { replaced }) };
	}

	/** Runs `work` as the only job; rejects with `Busy` otherwise. */
	async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
		if (this.#job !== null)
			throw namedError('Busy', `Still busy with ${this.#job}; wait for it or stop it`);
		this.#job = name;
		this.#cancelled = false;
		try {
			return await work();
		} finally {
			this.#job = null;
		}
	}

	cancel(): void {
		this.#cancelled = true;
	}

	/** Throws `Cancelled` once `cancel` was called during the running job. */
	readonly check = (): void => {
		if (this.#cancelled) throw namedError('Cancelled', 'Stopped on request');
	};

	releaseModel(): void {
		this.model?.release();
		this.model = null;
	}

	releaseComet(): void {
		this.comet?.comet.release();
		this.comet = null;
	}

	#started(): Device {
		if (this.device === null)
			throw namedError('NotFound', 'No device was started; start one first');
		return this.device;
	}
}
