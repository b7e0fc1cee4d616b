/** Which layers train, and what that costs: presets, painting, forecast. */
import type { LayerSet, Selection } from '../contract/spec.ts';
import type { RunForecast, SmallerRun } from '../contract/training.ts';
import { defaultBudget, lastPosition, layerSet } from '../selection/positional.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Models } from './models.svelte.ts';
import { type Cell, cellsOf, fitSelection, isEmpty, paintCell, trains } from './paint.ts';

const none: LayerSet = { layers: [], embedding: false, head: false, finalNorm: false };
/** Milliseconds without a change before the forecast is asked for. */
const patience = 120;

export class Layers {
	readonly #device: Device;
	readonly #models: Models;
	readonly #draft: Draft;
	#forecast = $state.raw<RunForecast | null>(null);
	#failure = $state.raw<Failure | null>(null);
	#timer: ReturnType<typeof setTimeout> | undefined;
	#stroke: boolean | null = null;

	readonly count = $derived.by(() => this.#models.selected?.config.layers ?? 0);
	readonly cells = $derived.by(() => (this.count > 0 ? cellsOf(this.count) : []));
	readonly set = $derived.by<LayerSet>(() =>
		this.count > 0
			? layerSet(fitSelection(this.#draft.spec.selection, this.count), this.count)
			: none,
	);
	readonly empty = $derived.by(() => isEmpty(this.set));

	constructor(device: Device, models: Models, draft: Draft) {
		this.#device = device;
		this.#models = models;
		this.#draft = draft;
	}

	/** Parameters, bytes and work of the run as it stands; null until known. */
	get forecast(): RunForecast | null {
		return this.#forecast;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	get selection(): Selection {
		return this.#draft.spec.selection;
	}

	trains = (cell: Cell): boolean => trains(this.set, cell);

	/** Largest position for a budget of k. */
	lastPosition = (k: number): number => lastPosition(this.count, k);

	select = (selection: Selection): void => {
		this.#draft.select(fitSelection(selection, this.count));
	};

	/** Takes a preset, with the budget of the former one where it had one. */
	preset = (method: Selection['method']): void => {
		const { selection } = this.#draft.spec;
		const k = 'k' in selection ? selection.k : defaultBudget(this.count);
		if (method === 'full') this.select({ method });
		else if (method === 'layers')
			this.select({ method, ...this.set, layers: [...this.set.layers] });
		else if (method === 'position') this.select({ method, k, position: 1 });
		else this.select({ method, k });
	};

	/** Takes a run that fits in place of the one that does not. */
	take = ({ spec }: SmallerRun): void => {
		this.#draft.replace(spec);
	};

	/** What the device may hold changes; so does what fits. */
	limitMemory = async (gigabytes: number | null): Promise<void> => {
		await this.#device.limitMemory(gigabytes);
		this.plan();
	};

	/** Begins a stroke: the first cell decides whether it paints or wipes. */
	press = (cell: Cell): void => {
		this.#stroke = !this.trains(cell);
		this.paint(cell);
	};

	/** Paints or wipes a cell as the stroke does; nothing outside a stroke. */
	paint = (cell: Cell): void => {
		if (this.#stroke !== null && this.trains(cell) !== this.#stroke)
			this.select(paintCell(this.set, cell, this.#stroke));
	};

	release = (): void => {
		this.#stroke = null;
	};

	toggle = (cell: Cell): void => {
		this.select(paintCell(this.set, cell, !this.trains(cell)));
	};

	/** Asks for the forecast of the draft, once changes have paused. Call whenever the draft or the device changed. */
	plan = (): void => {
		clearTimeout(this.#timer);
		if (!this.#models.loaded || this.empty) {
			this.#forecast = null;
			return;
		}
		const { spec } = this.#draft;
		this.#timer = setTimeout(() => {
			void this.#ask(spec);
		}, patience);
	};

	async #ask(spec: Draft['spec']): Promise<void> {
		try {
			const trainer = await this.#device.trainer();
			const forecast = await trainer.forecast(spec);
			if (spec !== this.#draft.spec) return;
			this.#forecast = forecast;
			this.#failure = null;
		} catch (error) {
			if (spec === this.#draft.spec)
				this.#failure = explain('The cost could not be worked out', error);
		}
	}
}
