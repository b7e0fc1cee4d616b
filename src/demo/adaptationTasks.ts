/** What is measured on a model that learns a new language of the demo. */
import type { EvaluationTask } from '../contract/evaluation.ts';
import type { DemoChoice, DemoLanguage } from '../contract/storeApi.ts';
import type { Random } from '../engine/random.ts';
import { newLanguage, pairedConcepts, randomFor, taughtWith } from './adaptation.ts';
import { contentConcepts, type ConceptId } from './concepts.ts';
import * as evaluation from './evaluation.ts';
import type { EvaluationItem } from './evaluation.ts';
import type { Fact } from './facts.ts';
import type { Language } from './language.ts';
import { knownLanguages } from './languages.ts';
import { pretrainingWorld } from './pretraining.ts';

/** Most items of a task, all its language pairs together; a draw may hold fewer. */
const counts = {
	probe: 40,
	words: 90,
	carried: 40,
	sentences: 48,
	sentiment: 60,
	choice: 48,
	relation: 48,
	retention: 48,
	/** Of sentiment and of choice in each known language. */
	perLanguage: 9,
};

interface Pair {
	readonly from: Language;
	readonly to: Language;
}

type MakeItems = (pair: Pair, count: number, random: Random) => EvaluationItem[];

interface Asked {
	readonly choice: DemoChoice;
	readonly language: Language;
	/** Concepts whose words were taught in pairs with known ones. */
	readonly paired: ReadonlySet<ConceptId>;
}

/** The tasks of a choice. Two draws share no question; the random numbers follow from the choice alone. */
export function adaptationTasks(choice: DemoChoice): Omit<DemoLanguage, 'dataset'> {
	const asked = { choice, language: newLanguage(choice), paired: pairedConcepts(choice) };
	return {
		probe: wordTasks(asked, counts.probe),
		final: [
			...wordTasks(asked, counts.words),
			...carriedTasks(asked),
			...sentenceTasks(asked),
			...oneLanguageTasks(asked),
			...relationTasks(asked),
			...retentionTasks(asked),
		],
	};
}

/** New to known. */
const understood = ({ language }: Asked): Pair[] =>
	knownLanguages.map((known) => ({ from: language, to: known }));

/** Known to new. */
const spoken = ({ language }: Asked): Pair[] =>
	knownLanguages.map((known) => ({ from: known, to: language }));

/** Words in the pairs of languages that they are taught in. */
function wordTasks(asked: Asked, count: number): EvaluationTask[] {
	return wordsIn('words', asked, count, true);
}

/** Words in the pairs of languages that they are not taught in: learning pairs by heart does not help there. */
function carriedTasks(asked: Asked): EvaluationTask[] {
	return wordsIn('carried', asked, counts.carried, false);
}

function wordsIn(
	name: 'words' | 'carried',
	asked: Asked,
	count: number,
	isTaught: boolean,
): EvaluationTask[] {
	const taught = taughtWith(asked.choice);
	const make: MakeItems = (pair, share, random) => {
		const known = pair.from === asked.language ? pair.to : pair.from;
		const beside = taught[knownLanguages.indexOf(known)];
		const words = contentConcepts.filter(
			(concept) => asked.paired.has(concept) && beside?.has(concept) === isTaught,
		);
		return translateWords(asked, words)(pair, share, random);
	};
	return [
		...spread(asked, `${name}-comprehension`, understood(asked), count, make),
		...spread(asked, `${name}-production`, spoken(asked), count, make),
	];
}

function sentenceTasks(asked: Asked): EvaluationTask[] {
	const make = translateSentences(asked, asked.paired);
	return [
		...spread(asked, 'sentences-comprehension', understood(asked), counts.sentences, make),
		...spread(asked, 'sentences-production', spoken(asked), counts.sentences, make),
	];
}

/** Of the facts asked for, half were stated in the new language, half only in known ones: two subjects. */
function oneLanguageTasks({ choice, language, paired }: Asked): EvaluationTask[] {
	const { draw } = choice;
	const { facts, newFacts } = pretrainingWorld();
	const judged = evaluation.sentimentItems(
		{ language, words: paired, draw, count: counts.sentiment },
		randomFor(choice, 'sentiment'),
	);
	const questions = (subject: string, told: boolean): EvaluationTask => {
		const items = evaluation.choiceItems(
			{
				language,
				facts: facts.filter((fact) => newFacts.includes(fact) === told),
				draw,
				count: counts.choice / 2,
			},
			randomFor(choice, subject),
		);
		return choosing('choice', subject, items);
	};
	return [
		choosing('sentiment', language.name, judged),
		questions(`${language.name}, facts told`, true),
		questions(`${language.name}, facts not told`, false),
	];
}

/** Only facts whose word in the new language was taught in pairs: without that there is no way to it. */
function relationTasks(asked: Asked): EvaluationTask[] {
	const { paired } = asked;
	const { facts } = pretrainingWorld();
	const lookUp = (side: 'subject' | 'value') =>
		lookUpFacts(
			asked,
			facts.filter((fact) => paired.has(fact[side])),
		);
	const { relation: count } = counts;
	return [
		...spread(asked, 'relation-comprehension', understood(asked), count, lookUp('subject')),
		...spread(asked, 'relation-production', spoken(asked), count, lookUp('value')),
	];
}

/** Every task in the known languages: what must not be forgotten. Pairs are of each language once on either side. */
function retentionTasks(asked: Asked): EvaluationTask[] {
	const { draw } = asked.choice;
	const { facts } = pretrainingWorld();
	const pairs = knownLanguages.flatMap((from, index) => {
		const to = knownLanguages[(index + 1) % knownLanguages.length];
		return to ? [{ from, to }] : [];
	});
	const { retention: count, perLanguage } = counts;
	const judgements = knownLanguages.map((language) => {
		const wanted = { language, words: null, draw, count: perLanguage };
		const random = randomFor(asked.choice, `sentiment ${language.name}`);
		return choosing('sentiment-known', language.name, evaluation.sentimentItems(wanted, random));
	});
	const questions = knownLanguages.map((language) => {
		const wanted = { language, facts, draw, count: perLanguage };
		const random = randomFor(asked.choice, `choice ${language.name}`);
		return choosing('choice-known', language.name, evaluation.choiceItems(wanted, random));
	});
	return [
		...spread(asked, 'words-known', pairs, count, translateWords(asked, contentConcepts)),
		...spread(asked, 'sentences-known', pairs, count, translateSentences(asked, null)),
		...spread(asked, 'relation-known', pairs, count, lookUpFacts(asked, facts)),
		...judgements,
		...questions,
	];
}

function translateWords({ choice }: Asked, words: readonly ConceptId[]): MakeItems {
	const { draw } = choice;
	return (pair, count, random) => evaluation.wordItems({ ...pair, words, draw, count }, random);
}

function translateSentences({ choice }: Asked, words: ReadonlySet<ConceptId> | null): MakeItems {
	const { draw } = choice;
	return (pair, count, random) => evaluation.sentenceItems({ ...pair, words, draw, count }, random);
}

function lookUpFacts({ choice }: Asked, facts: readonly Fact[]): MakeItems {
	const { draw } = choice;
	return (pair, count, random) => evaluation.relationItems({ ...pair, facts, draw, count }, random);
}

/** `count` items of one task, spread evenly over the pairs of languages. */
function spread(
	{ choice }: Asked,
	name: string,
	pairs: readonly Pair[],
	count: number,
	make: MakeItems,
): EvaluationTask[] {
	const random = randomFor(choice, name);
	return pairs.map((pair, index) => {
		const share = Math.floor((count + pairs.length - 1 - index) / pairs.length);
		const items = make(pair, share, random).map(({ prompt, answer }) => ({ prompt, answer }));
		return { kind: 'generation', name, subject: `${pair.from.name} to ${pair.to.name}`, items };
	});
}

function choosing(name: string, subject: string, items: readonly EvaluationItem[]): EvaluationTask {
	return {
		kind: 'choice',
		name,
		subject,
		items: items.map(({ prompt, answer, options = [answer] }) => ({ prompt, answer, options })),
	};
}
