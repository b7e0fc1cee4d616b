/** What is true in the demo world: who eats what, who lives where, which thing has which colour. */
import { createRandom, type Random } from '../engine/random.ts';
import { concepts, type ConceptId } from './concepts.ts';
import { pick } from './draws.ts';
import { fill, nounPhrase, placePhrase, predicateForm, type Sentence } from './grammar.ts';
import { wordOf, type Language, type Relation } from './language.ts';

export interface Fact {
	readonly relation: Relation;
	readonly subject: ConceptId;
	readonly value: ConceptId;
}

/** The values a relation has to choose from. */
export const relationValues: Readonly<Record<Relation, readonly ConceptId[]>> = {
	eats: concepts.foods,
	lives: concepts.places,
	colour: concepts.colours,
};

/** Between subject and answer of a cross-lingual look-up; the same in every language, one token each. */
export const relationSigns: Readonly<Record<Relation, string>> = {
	eats: ' >',
	lives: ' @',
	colour: ' #',
};

/** One fact per animal and relation, one colour per thing. */
export function createFacts(seed: number): Fact[] {
	const random = createRandom(seed);
	const about = (relation: Relation, subjects: readonly ConceptId[]) =>
		subjects.map((subject) => ({
			relation,
			subject,
			value: pick(relationValues[relation], random),
		}));
	return [
		...about('eats', concepts.animals),
		...about('lives', concepts.animals),
		...about('colour', concepts.things),
	];
}

export function factKey({ relation, subject }: Fact): string {
	return `${relation} ${subject}`;
}

/** The fact as a statement. */
export function statement({ relation, subject, value }: Fact): Sentence {
	if (relation === 'eats') return { template: 'transitive', subject, verb: 'eats', object: value };
	if (relation === 'lives') return { template: 'lives', subject, verb: 'lives', place: value };
	return { template: 'is', subject, predicate: value };
}

export function question(language: Language, { relation, subject }: Fact): string {
	return fill(language.questions[relation], {
		subject: nounPhrase(language, subject, 'subject'),
	});
}

/** The answer to the question; with another `value` a wrong one of the same form. */
export function answer(
	language: Language,
	{ relation, subject, value: own }: Fact,
	value = own,
): string {
	if (relation === 'lives') return placePhrase(language, value);
	if (relation === 'colour') return predicateForm(language, value, subject);
	return wordOf(language, value);
}

/** `count` values of the relation, the right one among them, in random order. */
export function choices(fact: Fact, count: number, random: Random): ConceptId[] {
	const chosen = [fact.value];
	while (chosen.length < count) {
		const value = pick(relationValues[fact.relation], random);
		if (!chosen.includes(value)) chosen.splice(random.integer(chosen.length + 1), 0, value);
	}
	return chosen;
}
