/** How the demo teaches a new language: one recipe for every point of every study, and the texts. */
import { adapterTargets, type RunSpec } from '../contract/spec.ts';
import type { AdapterChoice, StudyPoint } from '../contract/study.ts';
import type { DemoChoice } from '../contract/storeApi.ts';
import { createRandom, type Random } from '../engine/random.ts';
import type { ConceptId } from './concepts.ts';
import { documents, halfOfConcepts, pairedWithSome, type World } from './documents.ts';
import { hash } from './draws.ts';
import type { Language } from './language.ts';
import { knownLanguages, newLanguages } from './languages.ts';
import { adaptationMix } from './mixes.ts';
import { pretrainingWorld } from './pretraining.ts';

/** What may be tried; the same for all points, whatever they train. */
export interface AdaptationRecipe {
	readonly steps: number;
	readonly learningRate: number;
	readonly schedule: RunSpec['schedule']['kind'];
	/** Updates between two probes. */
	readonly probeEvery: number;
}

export const adaptationRecipe: AdaptationRecipe = {
	steps: 340,
	learningRate: 1e-3,
	schedule: 'linear',
	probeEvery: 40,
};

const batchSize = 8;
const sequenceLength = 144;
/** Share of the updates over which the learning rate rises. */
const warmup = 0.05;

/** Mean tokens of an adaptation document with its end are 50; a little less, so that none is read twice. */
const tokensPerDocument = 48;

export interface AdaptationRun {
	readonly point: StudyPoint;
	/** Ids in the store. */
	readonly model: string;
	readonly dataset: string;
	readonly seed: number;
	readonly recipe: AdaptationRecipe;
}

/** The run of a study's point; null for a point that trains nothing. */
export function adaptationSpec(run: AdaptationRun): RunSpec | null {
	const { point, model, dataset, seed, recipe } = run;
	const { steps, learningRate, schedule } = recipe;
	const [selection, ...further] = point.stages;
	if (selection === undefined) return null;
	return {
		model,
		untie: false,
		data: {
			dataset,
			rows: null,
			template: 'plain',
			loss: 'all',
			packing: 'stream',
			rowTokens: 1024,
			sequenceLength,
			order: 'shuffled',
			heldOut: { rows: 0, sequences: null },
		},
		selection,
		...(further.length === 0 ? {} : { stages: further }),
		...(point.adapter === null ? {} : { tune: tuneOf(point.adapter) }),
		optimizer: {
			learningRate,
			beta1: 0.9,
			beta2: 0.999,
			epsilon: 1e-8,
			weightDecay: 0.01,
			decay: 'matrices',
			clipNorm: 1,
		},
		schedule: { kind: schedule, warmupSteps: Math.round(warmup * steps) },
		batch: { size: batchSize, accumulation: 1 },
		steps,
		seed,
		recompute: 'auto',
		// Only where it ends: a run takes less time than its moments take to be worth keeping.
		checkpointEvery: steps,
	};
}

/** On every linear layer, without dropout. */
function tuneOf({ rank, alpha }: AdapterChoice): NonNullable<RunSpec['tune']> {
	return { kind: 'lora', rank, alpha, dropout: 0, targets: [...adapterTargets] };
}

/** Random numbers for one purpose of one choice, the same on every machine. */
export function randomFor({ language, seed, draw }: DemoChoice, purpose: string): Random {
	return createRandom(hash(`${language} ${seed} ${draw} ${purpose}`));
}

/** Throws where the world has no such new language. */
export function newLanguage({ language }: Pick<DemoChoice, 'language'>): Language {
	const found = newLanguages.find(({ name }) => name.toLowerCase() === language);
	if (!found) throw new Error(`the demo has no new language "${language}"`);
	return found;
}

/** The concepts whose words are taught in pairs with known ones: half of them, by the seed. */
export function pairedConcepts({ seed }: Pick<DemoChoice, 'seed'>): Set<ConceptId> {
	return halfOfConcepts(createRandom(hash(`paired ${seed}`)));
}

/** Known languages that a word of the new one is taught beside; beside the one left it is only asked for. */
const taughtBeside = 4;

/** For each known language, by its place: the concepts whose new words are taught beside it. */
export function taughtWith(choice: Pick<DemoChoice, 'seed'>): Set<ConceptId>[] {
	return pairedWithSome(pairedConcepts(choice), knownLanguages.length, taughtBeside);
}

/** The texts that teach the language, enough for the recipe's updates. The same choice gives the same texts. */
export function adaptationTexts(choice: DemoChoice): string[] {
	const world: World = {
		...pretrainingWorld(),
		added: [newLanguage(choice)],
		pairedConcepts: pairedConcepts(choice),
		pairedWith: taughtWith(choice),
	};
	const tokens = adaptationRecipe.steps * batchSize * sequenceLength;
	const count = Math.ceil(tokens / tokensPerDocument);
	return documents(count, adaptationMix, world, randomFor(choice, 'texts'));
}
