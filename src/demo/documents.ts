/** Training documents of the demo world. */
import type { Random } from '../engine/random.ts';
import { concepts, contentClasses, contentConcepts, type ConceptId } from './concepts.ts';
import { hash, pick, pickWeighted, sample } from './draws.ts';
import { factKey, statement, type Fact } from './facts.ts';
import * as format from './format.ts';
import { realize, type Sentence } from './grammar.ts';
import type { Language, Relation } from './language.ts';
import {
	evaluativeSentence,
	isFactVerb,
	lexiconOf,
	randomSentence,
	type Lexicon,
} from './sentences.ts';
import type { Polarity } from './sentences.ts';

/** `paired`: a new and a known language, direction by chance; `known`, `new`: among those only. */
export type Scope = 'known' | 'paired' | 'new';

/** `words` lists words of two languages, `glossary` words of a known language with the new ones after them. */
export type DocumentKind =
	'words' | 'glossary' | 'sentences' | 'plain' | 'sentiment' | 'questions' | 'choice' | 'relation';

export interface MixEntry {
	readonly kind: DocumentKind;
	readonly scope: Scope;
	/** Share of the documents; the weights of a mix need not sum to 1. */
	readonly weight: number;
}

export interface World {
	readonly known: readonly Language[];
	/** Languages of the scopes `paired` and `new`. */
	readonly added: readonly Language[];
	/** Stated in the known languages. */
	readonly facts: readonly Fact[];
	/** Stated in the new ones. */
	readonly newFacts: readonly Fact[];
	/** `one`: every fact in a single known language, so that it has to be carried over to be known in another. */
	readonly statedIn: 'every' | 'one';
	/** What occurs in paired documents; null: everything. */
	readonly pairedConcepts: ReadonlySet<ConceptId> | null;
	/** Of those, what occurs in documents paired with a known language (by its place among them); null: all of it. */
	readonly pairedWith: readonly ReadonlySet<ConceptId>[] | null;
}

/**
 * `count` documents, each a whole number of lines ending in a newline. The same mix, world and state of `random` give
 * the same documents. Sentences kept for evaluation (`isReserved`) are in none.
 */
export function documents(
	count: number,
	mix: readonly MixEntry[],
	world: World,
	random: Random,
): string[] {
	const all = lexiconOf(null);
	const paired = world.known.map((_, index) => lexiconOf(pairedConceptsOf(world, index)));
	return Array.from({ length: count }, () => {
		const { kind, scope } = pickWeighted(mix, random);
		return writers[kind]({ world, scope, lexicons: { all, paired }, lexicon: all, random });
	});
}

/** Half of the concepts of every content class. */
export function halfOfConcepts(random: Random): Set<ConceptId> {
	const half = contentClasses.flatMap((name) => {
		// Eating and living are in the sentences that state facts: without them these could not be paired.
		const all: readonly ConceptId[] = concepts[name];
		const kept = all.filter(isFactVerb);
		const others = all.filter((concept) => !kept.includes(concept));
		return [...kept, ...sample(others, Math.round(all.length / 2) - kept.length, random)];
	});
	return new Set(half);
}

/** What documents pair with the known language of that place; null: everything. */
function pairedConceptsOf(world: World, known: number): ReadonlySet<ConceptId> | null {
	return world.pairedWith?.[known] ?? world.pairedConcepts;
}

/**
 * What of `paired` is taught beside each of `known` languages: every concept beside `taught` of them, by turns within
 * every class, so that the other language pairs remain to ask about. Fact verbs are taught beside all.
 */
export function pairedWithSome(
	paired: ReadonlySet<ConceptId>,
	known: number,
	taught: number,
): Set<ConceptId>[] {
	const sets = Array.from({ length: known }, () => new Set<ConceptId>());
	let turn = 0;
	for (const name of contentClasses) {
		const all: readonly ConceptId[] = concepts[name];
		for (const concept of all.filter((one) => paired.has(one))) {
			const beside = isFactVerb(concept) ? known : taught;
			for (let i = 0; i < beside; i++) sets[turn++ % known]?.add(concept);
		}
	}
	return sets;
}

interface Setting {
	readonly lexicons: { readonly all: Lexicon; readonly paired: readonly Lexicon[] };
	readonly world: World;
	readonly scope: Scope;
	readonly lexicon: Lexicon;
	readonly random: Random;
}

const writers: Readonly<Record<DocumentKind, (setting: Setting) => string>> = {
	words: (setting) => wordList(setting, languagePair(setting)),
	glossary(setting) {
		const pair = languagePair(setting);
		const known = setting.world.known.includes(pair.from);
		return wordList(setting, known ? pair : { ...pair, from: pair.to, to: pair.from });
	},
	sentences(setting) {
		const { from, to, random, place } = languagePair(setting);
		const { world, scope, lexicons } = setting;
		const allowed = scope === 'paired' ? pairedConceptsOf(world, place) : null;
		const facts = (world.statedIn === 'one' ? [] : factsOf(setting, to)).filter(
			({ subject, value }) => allowed === null || (allowed.has(subject) && allowed.has(value)),
		);
		const lexicon = scope === 'paired' ? (lexicons.paired[place] ?? lexicons.all) : lexicons.all;
		return repeat(between(1, 3, random), () => {
			const sentence = someSentence({ ...setting, lexicon }, facts, 0.15);
			return format.complete(format.sentencePair(from, to, sentence));
		});
	},
	plain(setting) {
		const language = oneLanguage(setting);
		const { random } = setting;
		const facts = factsOf(setting, language);
		const texts = Array.from({ length: between(3, 7, random) }, () => {
			return realize(language, someSentence(setting, facts, 0.4)) + language.stop;
		});
		return `${format.tagged(language, texts.join(language.space))}\n`;
	},
	sentiment(setting) {
		const language = oneLanguage(setting);
		const { lexicon, random } = setting;
		return repeat(between(1, 4, random), () => {
			const polarity = pick<Polarity>(['positive', 'negative', 'neutral'], random);
			const meaning = { polarity, negated: random.next() < 0.3 };
			const sentence = evaluativeSentence(lexicon, meaning, false, random);
			return format.complete(format.judgement(language, sentence, polarity));
		});
	},
	questions(setting) {
		const language = oneLanguage(setting);
		const { random } = setting;
		const asked = sample(factsOf(setting, language), between(1, 4, random), random);
		return asked.map((fact) => format.complete(format.openQuestion(language, fact))).join('');
	},
	choice(setting) {
		const language = oneLanguage(setting);
		const { random } = setting;
		const asked = sample(factsOf(setting, language), between(1, 2, random), random);
		const one = (fact: Fact) => format.complete(format.closedQuestion(language, fact, random));
		return asked.map(one).join('');
	},
	relation(setting) {
		const { from, to, random } = languagePair(setting);
		const relation = pick<Relation>(['eats', 'lives', 'colour'], random);
		const facts = factsOf(setting, null).filter((fact) => fact.relation === relation);
		const asked = sample(facts, between(2, 4, random), random);
		return asked.map((fact) => format.complete(format.lookUp(from, to, fact))).join('');
	},
};

function wordList(setting: Setting, { from, to, random, place }: LanguagePair): string {
	const allowed = setting.scope === 'paired' ? pairedConceptsOf(setting.world, place) : null;
	const known = contentConcepts.filter((concept) => allowed?.has(concept) ?? true);
	const all = setting.scope === 'paired' ? known : [...known, ...concepts.functionWords];
	const listed = sample(all, between(3, 7, random), random);
	return listed.map((concept) => format.complete(format.wordPair(from, to, concept))).join('');
}

/** A free sentence or, with probability `share`, one of the facts. */
function someSentence(setting: Setting, facts: readonly Fact[], share: number): Sentence {
	const { lexicon, random } = setting;
	if (facts.length > 0 && random.next() < share) return statement(pick(facts, random));
	return randomSentence(lexicon, false, random);
}

/** The facts that a document may state in `language` (null: in none, as only their values are said). */
function factsOf(setting: Setting, language: Language | null): readonly Fact[] {
	const { world, scope } = setting;
	if (scope !== 'known') {
		return world.newFacts.filter(
			({ subject, value }) => inPairs(setting, subject) && inPairs(setting, value),
		);
	}
	if (world.statedIn === 'every' || language === null) return world.facts;
	const index = world.known.indexOf(language);
	return world.facts.filter((fact) => hash(factKey(fact)) % world.known.length === index);
}

function inPairs({ world, scope }: Setting, concept: ConceptId): boolean {
	return scope !== 'paired' || (world.pairedConcepts?.has(concept) ?? true);
}

function oneLanguage({ world, scope, random }: Setting): Language {
	if (scope === 'paired')
		throw new Error('a paired document is in two languages; use another kind');
	return pick(scope === 'known' ? world.known : world.added, random);
}

interface LanguagePair {
	readonly from: Language;
	readonly to: Language;
	readonly random: Random;
	/** Of the known language among the known ones, where one is known. */
	readonly place: number;
}

function languagePair({ world, scope, random }: Setting): LanguagePair {
	const first = pick(scope === 'paired' ? world.added : languagesOf(world, scope), random);
	const others = scope === 'paired' ? world.known : languagesOf(world, scope);
	const second = pick(
		others.filter((language) => language !== first),
		random,
	);
	const swap = random.next() < 0.5;
	const place = world.known.indexOf(second);
	return { from: swap ? second : first, to: swap ? first : second, random, place };
}

function languagesOf(world: World, scope: Scope): readonly Language[] {
	return scope === 'known' ? world.known : world.added;
}

function between(least: number, most: number, random: Random): number {
	return least + random.integer(most - least + 1);
}

function repeat(count: number, line: () => string): string {
	return Array.from({ length: count }, line).join('');
}
