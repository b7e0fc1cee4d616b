import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../data/tokenizer.ts';
import { createRandom } from '../engine/random.ts';
import { concepts, contentClasses, contentConcepts } from './concepts.ts';
import { documents, halfOfConcepts, type World } from './documents.ts';
import { createFacts, statement } from './facts.ts';
import { realize } from './grammar.ts';
import { wordOf } from './language.ts';
import { knownLanguages, newLanguages } from './languages.ts';
import { adaptationMix, pretrainingMix } from './mixes.ts';
import { sentenceItems, wordItems } from './evaluation.ts';
import { demoTokenizer, tokenizerConfig, vocabularySize } from './vocabulary.ts';

const facts = createFacts(1);
const pretraining: World = {
	known: knownLanguages,
	added: newLanguages,
	facts,
	newFacts: facts.filter((_, index) => index % 2 === 0),
	statedIn: 'every',
	pairedConcepts: null,
	pairedWith: null,
};
const paired = halfOfConcepts(createRandom(3));
const [javanese, sundanese] = newLanguages;
const adaptation: World = { ...pretraining, added: [javanese!], pairedConcepts: paired };

const file = demoTokenizer(knownLanguages, newLanguages);
const tokenizer = createTokenizer(file, tokenizerConfig);
const encode = (text: string) => tokenizer.encode(text, { special: false });
const linesOf = (texts: string[]) => texts.flatMap((text) => text.trimEnd().split('\n'));

describe('documents', () => {
	test('the same seed gives the same documents, another seed others', () => {
		const made = (seed: number) => documents(40, pretrainingMix, pretraining, createRandom(seed));
		expect(made(1)).toEqual(made(1));
		expect(made(1)).not.toEqual(made(2));
		expect(new Set(made(1)).size).toBeGreaterThan(38);
	});

	test('every line begins with the tag of a language of the world', () => {
		const tags = [...knownLanguages, javanese!].map(({ tag }) => tag);
		const lines = linesOf(documents(300, adaptationMix, adaptation, createRandom(4)));
		expect(lines.filter((line) => !tags.some((tag) => line.startsWith(tag)))).toEqual([]);
		expect(lines.some((line) => line.startsWith(sundanese!.tag))).toBe(false);
	});

	test('a pinch of the new languages in pretraining, half of the adaptation paired', () => {
		const isNew = (text: string) => newLanguages.some(({ tag }) => text.includes(tag));
		const isKnown = (text: string) => knownLanguages.some(({ tag }) => text.includes(tag));
		const before = documents(3000, pretrainingMix, pretraining, createRandom(5));
		const pinch = before.filter(isNew).length / before.length;
		expect(pinch).toBeGreaterThan(0.02);
		expect(pinch).toBeLessThan(0.05);
		const after = documents(1000, adaptationMix, adaptation, createRandom(6));
		expect(after.every(isNew)).toBe(true);
		expect(after.filter(isKnown).length / after.length).toBeCloseTo(1 / 2, 1);
	});

	test('paired documents keep to the paired concepts, half of every class', () => {
		for (const name of contentClasses) {
			const kept = concepts[name].filter((concept) => paired.has(concept)).length;
			expect(Math.abs(kept - concepts[name].length / 2)).toBeLessThan(1);
		}
		const words = documents(
			300,
			[{ kind: 'words', scope: 'paired', weight: 1 }],
			adaptation,
			createRandom(8),
		);
		const said = linesOf(words).map((line) => line.slice(line.indexOf(' ') + 1));
		const outside = contentConcepts.filter((concept) => !paired.has(concept));
		const strange = new Set(outside.map((concept) => wordOf(javanese!, concept)));
		expect(said.filter((word) => strange.has(word))).toEqual([]);
		expect(said.length).toBeGreaterThan(1000);
	});

	test('a fact stated in one language is stated in no other', () => {
		const world: World = { ...pretraining, statedIn: 'one' };
		const kinds = ['plain', 'questions', 'sentences'] as const;
		const mix = kinds.map((kind) => ({ kind, scope: 'known', weight: 1 }) as const);
		const texts = documents(2000, mix, world, createRandom(9)).join('');
		const stated = facts.map(
			(fact) =>
				knownLanguages.filter((language) => texts.includes(realize(language, statement(fact))))
					.length,
		);
		expect(Math.max(...stated)).toBe(1);
		expect(stated.filter((count) => count === 1).length).toBeGreaterThan(facts.length / 2);
	});

	test('sentences kept for evaluation are in no document', () => {
		const texts = documents(2000, adaptationMix, adaptation, createRandom(10)).join('');
		const direction = { from: knownLanguages[0]!, to: javanese!, words: paired, count: 60 };
		const items = (['choose', 'report'] as const).flatMap((draw) =>
			sentenceItems({ ...direction, draw }, createRandom(11)),
		);
		const lines = new Set(linesOf([texts]));
		const met = items.filter(({ answer }) => lines.has(direction.to.tag + answer));
		expect(items).toHaveLength(120);
		expect(met).toEqual([]);
	});
});

describe('tokenizer', () => {
	test('is made anew alike, and has the size asked for', () => {
		expect(demoTokenizer(knownLanguages, newLanguages)).toEqual(file);
		expect(tokenizer.vocabularySize).toBe(vocabularySize);
		expect(tokenizer.bosTokenId).toBe(1);
		expect(tokenizer.eosTokenId).toBe(2);
	});

	test('gives back every document exactly, nothing unknown', () => {
		const texts = [
			...documents(1500, pretrainingMix, pretraining, createRandom(12)),
			...documents(500, adaptationMix, adaptation, createRandom(13)),
		];
		const unknown = encode('ω')[0];
		expect(texts.filter((text) => tokenizer.decode(encode(text)) !== text)).toEqual([]);
		expect(texts.filter((text) => encode(text).includes(unknown!))).toEqual([]);
	});

	test('tags and signs are one token each', () => {
		for (const { tag } of [...knownLanguages, ...newLanguages]) expect(encode(tag)).toHaveLength(1);
		for (const sign of [' = ', ' >', ' @', ' #', '+', '-', '0', '\n', '。']) {
			expect(encode(sign)).toHaveLength(1);
		}
	});

	test('a prompt is tokenised as the beginning of what it becomes', () => {
		const asked = { from: javanese!, to: knownLanguages[4]!, words: [...paired] };
		for (const { prompt, answer } of wordItems(
			{ ...asked, draw: 'choose', count: 40 },
			createRandom(14),
		)) {
			expect(encode(prompt + answer)).toEqual([...encode(prompt), ...encode(answer)]);
		}
	});

	test('no new word is a single piece, known ones are made of fewer', () => {
		const lengths = (language: (typeof newLanguages)[number]) =>
			contentConcepts.map((concept) => encode(wordOf(language, concept)).length);
		const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
		for (const language of newLanguages) {
			expect(Math.min(...lengths(language))).toBeGreaterThan(1);
			expect(mean(lengths(language))).toBeLessThan(2.4);
		}
		expect(mean(knownLanguages.flatMap(lengths))).toBeLessThan(2.1);
	});
});
