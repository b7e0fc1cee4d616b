/** Layers ranked by what the model, its data or its weights say, and the best of them taken. */
import { fisherRequest, fisherRows, type Rankings } from '../clients/layerScores.ts';
import type { RankingMethod, ScoreRequest } from '../contract/selection.ts';
import type { Progress } from '../contract/progress.ts';
import { defaultBudget, positionalRanking } from '../selection/positional.ts';
import { publishedModel, publishedScores } from '../selection/published.ts';
import { bestLayers } from '../selection/ranking.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Layers } from './layers.svelte.ts';
import type { Models } from './models.svelte.ts';
import { columnsOf, type Table, textSet } from './texts.ts';

/** A table with a language in each column. */
export interface KnownTexts {
	readonly name: string;
	readonly table: Table;
	readonly columns: readonly string[];
	/** Columns that are compared. */
	readonly chosen: readonly string[];
}

interface Areas {
	readonly device: Device;
	readonly models: Models;
	readonly language: Language;
	readonly layers: Layers;
	readonly draft: Draft;
}

/** Of which model the rankings are. */
interface Ranked {
	readonly model: string;
	readonly rankings: Rankings;
}

export class Scores {
	readonly #areas: Areas;
	#ranked = $state.raw<Ranked>({ model: '', rankings: {} });
	#texts = $state.raw<KnownTexts | null>(null);
	#budget = $state.raw<number | null>(null);
	#progress = $state.raw<Progress | null>(null);
	#failure = $state.raw<Failure | null>(null);

	/** Empty once another model is chosen. */
	readonly rankings = $derived.by<Rankings>(() =>
		this.#ranked.model === this.#areas.draft.spec.model ? this.#ranked.rankings : {},
	);
	/** CogSym's order, to compare with. */
	readonly positional = $derived.by(() => positionalRanking(this.#areas.layers.count));
	/** Number of layers to take. */
	readonly budget = $derived.by(() => {
		const { count } = this.#areas.layers;
		return Math.min(count, this.#budget ?? defaultBudget(count));
	});
	/** What a method still lacks, in words; empty where it can be used. */
	readonly missing = $derived.by<Readonly<Record<RankingMethod, string>>>(() => ({
		fisher: this.#areas.language.selected ? '' : 'choose a dataset first',
		lape: (this.#texts?.chosen.length ?? 0) >= 2 ? '' : 'choose texts of two languages or more',
		'heavy-tail': '',
	}));
	/** True where the chosen model is shaped like the one whose scores were published. */
	readonly published = $derived.by(() => {
		const config = this.#areas.models.selected?.config;
		return config !== undefined && publishedModel(config);
	});

	constructor(areas: Areas) {
		this.#areas = areas;
	}

	get texts(): KnownTexts | null {
		return this.#texts;
	}
	get progress(): Progress | null {
		return this.#progress;
	}
	get failure(): Failure | null {
		return this.#failure;
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	setBudget = (k: number | null): void => {
		this.#budget = k;
	};

	read = async (file: File): Promise<void> => {
		this.#failure = null;
		try {
			const table = await this.#areas.language.data().table(file);
			const columns = columnsOf(table);
			this.#texts = { name: file.name, table, columns, chosen: columns.slice(0, 2) };
		} catch (error) {
			this.#failure = explain(`${file.name} could not be read`, error);
		}
	};

	compare = (column: string, wanted: boolean): void => {
		const texts = this.#texts;
		if (!texts) return;
		const chosen = texts.columns.filter((name) =>
			name === column ? wanted : texts.chosen.includes(name),
		);
		this.#texts = { ...texts, chosen };
	};

	/** Scores the layers of the chosen model as its files have it. */
	score = async (method: RankingMethod): Promise<void> => {
		if (this.#progress) return;
		const { device, models, draft } = this.#areas;
		const { model } = draft.spec;
		this.#failure = null;
		this.#progress = { done: 0, total: 1, label: 'Waiting for the device' };
		try {
			await models.ensureLoaded();
			const request = await this.#request(method);
			const scores = await (await device.trainer()).scoreLayers(request, this.#report);
			this.#keep(model, { [method]: scores });
		} catch (error) {
			this.#failure = explain('The layers were not scored', error);
		}
		this.#progress = null;
	};

	/** Takes the scores that were published for Llama-2-7B. */
	usePublished = (): void => {
		const lape = publishedScores('lape');
		this.#keep(this.#areas.draft.spec.model, {
			...{ lape, 'heavy-tail': publishedScores('heavy-tail') },
		});
	};

	cancel = async (): Promise<void> => {
		try {
			await this.#areas.device.control.cancel();
		} catch (error) {
			this.#failure = explain('The training thread did not follow', error);
		}
	};

	/** Trains the best layers of a ranking with embedding and head, as CogSym does: only the layers differ. */
	take = (ranking: readonly number[]): void => {
		const layers = bestLayers(ranking, this.budget);
		const parts = { embedding: true, head: true, finalNorm: false };
		this.#areas.layers.select({ method: 'layers', layers, ...parts });
	};

	/** Callbacks take another way than answers: the last ones arrive when the job is over, and are dropped. */
	#report = (progress: Progress): void => {
		if (this.#progress) this.#progress = progress;
	};

	#keep(model: string, more: Rankings): void {
		const known = this.#ranked.model === model ? this.#ranked.rankings : {};
		this.#ranked = { model, rankings: { ...known, ...more } };
	}

	async #request(method: RankingMethod): Promise<ScoreRequest> {
		if (method === 'heavy-tail') return { method, cut: 'median' };
		const { language, draft } = this.#areas;
		const { model, data } = draft.spec;
		if (method === 'fisher') {
			const rows = Math.min(fisherRows, language.selected?.rows ?? 0);
			return fisherRequest(language.data(), model, data, rows, this.#report);
		}
		const { table = [], chosen = [] } = this.#texts ?? {};
		return { method, languages: chosen.map((column) => textSet(table, column, table.length)) };
	}
}
