/** Random sentences about nothing true or false: for translation, running text and sentiment. */
import type { Random } from '../engine/random.ts';
import { concepts, type ConceptClass, type ConceptId } from './concepts.ts';
import { isReserved, pick, pickWeighted } from './draws.ts';
import { sentenceKey, type Sentence } from './grammar.ts';

/** Concepts by class: the whole world or a part of it. */
export type Lexicon = Readonly<Record<ConceptClass, readonly ConceptId[]>>;

export type Polarity = 'positive' | 'negative' | 'neutral';

/** The part of the world that `allowed` names; without it all. */
export function lexiconOf(allowed: ReadonlySet<ConceptId> | null): Lexicon {
	const part = (name: ConceptClass): readonly ConceptId[] =>
		allowed ? concepts[name].filter((concept) => allowed.has(concept)) : concepts[name];
	return Object.fromEntries(
		(Object.keys(concepts) as ConceptClass[]).map((name) => [name, part(name)]),
	) as Lexicon;
}

/** Eating and living are said in facts only; a random sentence would state what is not so. */
export function isFactVerb(concept: ConceptId): boolean {
	return concept === 'eats' || concept === 'lives';
}

const kinds = [
	{ weight: 0.35, make: transitive },
	{ weight: 0.15, make: intransitive },
	{ weight: 0.2, make: located },
	{ weight: 0.2, make: quality },
	{ weight: 0.1, make: both },
];

/**
 * A sentence of the words of `lexicon`, none of the facts among them. `reserved`: one of those kept for evaluation, or
 * one of the others. `lexicon` needs a word of every class but the function words.
 */
export function randomSentence(lexicon: Lexicon, reserved: boolean, random: Random): Sentence {
	return redraw(() => pickWeighted(kinds, random).make(lexicon, random), reserved);
}

/** A judgement of `polarity`; `negated` says it by denying the opposite. */
export function evaluativeSentence(
	lexicon: Lexicon,
	{ polarity, negated }: { readonly polarity: Polarity; readonly negated: boolean },
	reserved: boolean,
	random: Random,
): Sentence {
	const opposite = { positive: 'negative', negative: 'positive', neutral: 'neutral' } as const;
	const denied = negated && polarity !== 'neutral';
	return redraw(() => {
		const things = random.next() < 0.5;
		return {
			template: denied ? 'isNot' : 'is',
			subject: pick(things ? lexicon.things : lexicon.animals, random),
			adjective: random.next() < 0.3 ? pick(lexicon.adjectives, random) : undefined,
			predicate: pick(lexicon[denied ? opposite[polarity] : polarity], random),
		};
	}, reserved);
}

/** Draws until the sentence is on the wanted side. */
function redraw(make: () => Sentence, reserved: boolean): Sentence {
	for (let attempt = 0; attempt < 1000; attempt++) {
		const sentence = make();
		if (isReserved(sentenceKey(sentence)) === reserved) return sentence;
	}
	throw new Error(
		`no ${reserved ? 'reserved' : 'free'} sentence in 1,000 draws; the lexicon is too small`,
	);
}

/** Colours of things are facts: a thing gets other adjectives only. */
function adjectiveOf(lexicon: Lexicon, random: Random): ConceptId | undefined {
	if (random.next() < 0.6) return undefined;
	return pick([...lexicon.adjectives, ...lexicon.colours], random);
}

function transitive(lexicon: Lexicon, random: Random): Sentence {
	return {
		template: 'transitive',
		subject: pick(lexicon.animals, random),
		adjective: adjectiveOf(lexicon, random),
		verb: pick(freeVerbs(lexicon.transitives), random),
		object: pick([...lexicon.foods, ...lexicon.things], random),
	};
}

function intransitive(lexicon: Lexicon, random: Random): Sentence {
	return {
		template: 'intransitive',
		subject: pick(lexicon.animals, random),
		adjective: adjectiveOf(lexicon, random),
		verb: pick(freeVerbs(lexicon.intransitives), random),
	};
}

function located(lexicon: Lexicon, random: Random): Sentence {
	return {
		...intransitive(lexicon, random),
		template: 'located',
		place: pick(lexicon.places, random),
	};
}

function quality(lexicon: Lexicon, random: Random): Sentence {
	const nouns = [...lexicon.animals, ...lexicon.foods, ...lexicon.things];
	const words = [lexicon.adjectives, lexicon.positive, lexicon.negative, lexicon.neutral];
	return {
		template: random.next() < 0.25 ? 'isNot' : 'is',
		subject: pick(nouns, random),
		predicate: pick(pick(words, random), random),
	};
}

function both(lexicon: Lexicon, random: Random): Sentence {
	const nouns = [...lexicon.animals, ...lexicon.foods, ...lexicon.things];
	const subject = pick(nouns, random);
	const second = pick(
		nouns.filter((noun) => noun !== subject),
		random,
	);
	return { template: 'both', subject, second };
}

function freeVerbs(verbs: readonly ConceptId[]): ConceptId[] {
	return verbs.filter((verb) => !isFactVerb(verb));
}
