import { describe, expect, test } from 'vitest';
import { concepts, contentConcepts, type ConceptId } from './concepts.ts';
import { wordOf, type Language } from './language.ts';
import { knownLanguages, newLanguages } from './languages.ts';

const all = [...knownLanguages, ...newLanguages];
const everyConcept: ConceptId[] = Object.values(concepts).flat();

test('175 concepts, 162 of them content, no id twice', () => {
	expect(everyConcept).toHaveLength(175);
	expect(contentConcepts).toHaveLength(162);
	expect(new Set(everyConcept).size).toBe(175);
});

describe.each(all.map((language) => [language.name, language] as const))('%s', (_, language) => {
	test('has one word, in lower case and without spaces, for every concept and for nothing else', () => {
		expect(Object.keys(language.words).sort()).toEqual([...everyConcept].sort());
		const odd = everyConcept.filter((id) => !/^[\p{Ll}\p{Lo}]+$/u.test(wordOf(language, id)));
		expect(odd).toEqual([]);
	});

	test('has no word for two concepts', () => {
		const seen = new Map<string, ConceptId>();
		const twice = everyConcept.filter((id) => {
			const word = wordOf(language, id);
			const before = seen.has(word);
			seen.set(word, id);
			return before;
		});
		expect(twice).toEqual([]);
	});

	test('gives every place with its preposition', () => {
		for (const place of concepts.places) {
			expect(language.words[place]).toHaveProperty('inside', expect.any(String));
		}
	});
});

test('languages with gender and agreement give the forms', () => {
	const entry = (language: Language | undefined, id: ConceptId) => language?.words[id];
	const [, german, french, russian] = knownLanguages;
	const nouns = [...concepts.animals, ...concepts.foods, ...concepts.things, ...concepts.places];
	for (const noun of nouns) {
		expect(entry(german, noun)).toHaveProperty('gender', expect.stringMatching(/^[mfn]$/));
		expect(entry(french, noun)).toHaveProperty('gender', expect.stringMatching(/^[mf]$/));
		expect(entry(russian, noun)).toHaveProperty('gender', expect.stringMatching(/^[mfn]$/));
	}
	const { adjectives, colours, positive, negative, neutral } = concepts;
	for (const id of [...adjectives, ...colours, ...positive, ...negative, ...neutral]) {
		expect(entry(german, id)).toHaveProperty('attributive', expect.stringMatching(/e$/));
		expect(entry(french, id)).toHaveProperty('feminine', expect.stringMatching(/e$/));
		expect(entry(russian, id)).toHaveProperty('feminine', expect.stringMatching(/[ая]я$/));
		expect(entry(russian, id)).toHaveProperty('neuter', expect.stringMatching(/[ое]е$/));
	}
});

test('no word of a new language is the known word for the same concept', () => {
	const alike = newLanguages.flatMap((fresh) =>
		knownLanguages.flatMap((known) =>
			everyConcept.filter((id) => wordOf(fresh, id) === wordOf(known, id)),
		),
	);
	expect(alike).toEqual([]);
});
