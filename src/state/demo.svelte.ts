/** The bundled demo on the page: what is chosen, what came out of it in words, and the way into the workshop. */
import type { ModelRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { Study } from '../contract/study.ts';
import type { DemoChoice, DemoLanguage, DemoLanguageId } from '../contract/storeApi.ts';
import { concepts } from '../demo/concepts.ts';
import { demoStudies, type DemoStudyName } from '../experiments/demo/studies.ts';
import { questions, type WordPair, wordPairs } from './demoExamples.ts';
import { families } from './demoFamilies.ts';
import { demoLayers } from './demoPace.ts';
import { DemoRun } from './demoRun.svelte.ts';
import { shorten, shortenedBy } from './demoShort.ts';
import { conclude } from './demoWords.ts';
import type { Device } from './device.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { explain, type Failure } from './failure.ts';
import type { Language } from './language.svelte.ts';
import type { Library } from './library.svelte.ts';
import { recall, remember } from './memory.ts';
import type { Models } from './models.svelte.ts';
import type { Training } from './training.svelte.ts';

/** The other areas of the page that the demo reads, and fills at the end. */
interface Areas {
	readonly device: Device;
	readonly library: Library;
	readonly models: Models;
	readonly language: Language;
	readonly draft: Draft;
	readonly training: Training;
}

export const demoLanguages: readonly { readonly id: DemoLanguageId; readonly name: string }[] = [
	{ id: 'javanese', name: 'Javanese' },
	{ id: 'sundanese', name: 'Sundanese' },
];

/** Words of the demo's world, function words included. */
export const demoWords = Object.values(concepts).flat().length;

/** One for what is shown; recipes were chosen on other items. */
const seed = 0;
/** Rows of the texts that the workshop holds back to measure on. */
const heldOutRows = 60;

export interface StudyOption {
	readonly name: DemoStudyName;
	readonly study: Study;
	/** Expected, on this machine. */
	readonly seconds: number;
}

export class Demo {
	readonly #areas: Areas;
	readonly shortened = shortenedBy(location.search);
	readonly run: DemoRun;
	#open = $state.raw(recall('demo') !== 'away');
	#language = $state.raw<DemoLanguageId>('javanese');
	#studyName = $state.raw<DemoStudyName>('headline');
	#pair = $state.raw(0);
	#filling = $state.raw(false);
	#failure = $state.raw<Failure | null>(null);

	readonly study = $derived.by<Study>(() => this.#studyOf(this.#studyName));
	readonly languageName = $derived.by(
		() => demoLanguages.find(({ id }) => id === this.#language)?.name ?? '',
	);
	/** True once anything of the study on show was trained or measured. */
	readonly begun = $derived.by(
		() => this.run.busy || this.run.points.some(({ state }) => state === 'done'),
	);
	/** When the oldest result on show was made, where that was before this visit; null: all in this one. */
	readonly storedAt = $derived.by<number | null>(() => {
		const times = this.run.points.flatMap(({ storedAt }) => storedAt ?? []);
		return times.length === 0 ? null : Math.min(...times);
	});
	readonly conclusion = $derived.by(() =>
		this.run.complete ? conclude(this.study, this.run.points, this.languageName) : null,
	);
	/** Pairs of words to watch, as they are asked in every live measurement. */
	readonly pairs = $derived.by<readonly WordPair[]>(() => {
		const first = this.run.points.find(({ said }) => said.length > 0)?.said[0];
		return first ? wordPairs(questions(first.predictions, this.languageName)) : [];
	});
	/** What stands where in the picture of the result. */
	readonly families = $derived.by(() => families(this.study, this.run.points));
	/** Parameters of the bundled model; null until it was opened. */
	readonly parameters = $derived.by<number | null>(
		() =>
			this.#areas.library.contents.models.find(({ name }) => name === 'demo')?.parameters ?? null,
	);
	/** The pair on show. */
	readonly pair = $derived.by<WordPair | null>(
		() => this.pairs[this.#pair % Math.max(1, this.pairs.length)] ?? null,
	);

	constructor(areas: Areas) {
		this.#areas = areas;
		this.run = new DemoRun(areas, this.shortened, this.#subject());
	}

	get open(): boolean {
		return this.#open;
	}
	get language(): DemoLanguageId {
		return this.#language;
	}
	get studyName(): DemoStudyName {
		return this.#studyName;
	}
	/** True while the workshop is being filled. */
	get filling(): boolean {
		return this.#filling;
	}
	get failure(): Failure | null {
		return this.#failure;
	}

	/** Every study there is, with the time it takes. */
	options = (): readonly StudyOption[] =>
		(Object.keys(demoStudies) as DemoStudyName[]).map((name) => {
			const study = this.#studyOf(name);
			return { name, study, seconds: this.run.expected(study) };
		});

	dismiss = (): void => {
		this.#failure = null;
	};

	nextPair = (by: 1 | -1): void => {
		const count = Math.max(1, this.pairs.length);
		this.#pair = (this.#pair + by + count) % count;
	};

	/** Puts the demo away or takes it out again; remembered. */
	toggle = (): void => {
		this.#open = !this.#open;
		remember('demo', this.#open ? 'open' : 'away');
	};

	/** Who works with models of their own finds the demo folded away, until they open it. */
	settle = (): void => {
		const own = this.#areas.library.contents.models.some(({ name }) => name !== 'demo');
		if (own && recall('demo') === null) this.#open = false;
	};

	chooseLanguage = (id: DemoLanguageId): void => {
		if (this.run.busy) return;
		this.#language = id;
		this.#show();
	};

	chooseStudy = (name: DemoStudyName): void => {
		if (this.run.busy) return;
		this.#studyName = name;
		this.#show();
	};

	/** Puts the demo's model, texts and recipe into the workshop below, and the hand on its layers. */
	tryOwn = async (): Promise<void> => {
		const { draft, library, models, language, training } = this.#areas;
		this.#failure = null;
		this.#filling = true;
		try {
			const model = await library.store().importDemoModel(() => undefined);
			const demo = await library.store().importDemoLanguage(this.#choice());
			await library.refresh();
			const spec = this.#workshopSpec(model, demo);
			if (spec) draft.replace(spec);
			const [task] = demo.probe;
			const prompt = task?.kind === 'generation' ? task.items[0]?.prompt : undefined;
			if (prompt !== undefined) training.setPrompt(prompt);
			await Promise.all([models.load(), language.show(0)]);
			document.querySelector<HTMLElement>('#layers [data-cell][tabindex="0"]')?.focus();
		} catch (error) {
			this.#failure = explain('The demo could not be put into the workshop', error);
		}
		this.#filling = false;
	};

	#workshopSpec(model: ModelRecord, { dataset }: DemoLanguage): RunSpec | null {
		const point = demoStudies.headline(demoLayers).points.find(({ id }) => id === 'cogsym');
		const spec = point ? this.run.specOf(point, model, dataset) : null;
		if (!spec) return null;
		return { ...spec, data: { ...spec.data, heldOut: { rows: heldOutRows, sequences: null } } };
	}

	#studyOf(name: DemoStudyName): Study {
		return shorten(demoStudies[name](demoLayers), this.shortened?.points ?? null);
	}

	#choice(): DemoChoice {
		return { language: this.#language, seed, draw: 'report' };
	}

	#subject() {
		return { study: this.study, choice: this.#choice() };
	}

	#show(): void {
		this.#pair = 0;
		this.run.show(this.#subject());
	}
}
