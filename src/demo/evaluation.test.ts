import { describe, expect, test } from 'vitest';
import { createRandom } from '../engine/random.ts';
import { contentConcepts } from './concepts.ts';
import type { Draw } from './draws.ts';
import * as evaluation from './evaluation.ts';
import { createFacts } from './facts.ts';
import { knownLanguages, newLanguages } from './languages.ts';

const english = knownLanguages[0]!;
const javanese = newLanguages[0]!;
const facts = createFacts(1);
const across = { from: javanese, to: english };

const tasks = {
	words: (draw: Draw, seed: number) =>
		evaluation.wordItems(
			{ ...across, words: contentConcepts, draw, count: 200 },
			createRandom(seed),
		),
	sentences: (draw: Draw, seed: number) =>
		evaluation.sentenceItems({ ...across, words: null, draw, count: 60 }, createRandom(seed)),
	sentiment: (draw: Draw, seed: number) =>
		evaluation.sentimentItems(
			{ language: javanese, words: null, draw, count: 90 },
			createRandom(seed),
		),
	choice: (draw: Draw, seed: number) =>
		evaluation.choiceItems({ language: javanese, facts, draw, count: 200 }, createRandom(seed)),
	relation: (draw: Draw, seed: number) =>
		evaluation.relationItems({ ...across, facts, draw, count: 200 }, createRandom(seed)),
};

describe.each(Object.entries(tasks))('%s', (_, items) => {
	test('the two draws share no question, whatever the seed', () => {
		const chosen = new Set(
			[1, 2, 3].flatMap((seed) => items('choose', seed).map(({ key }) => key)),
		);
		const reported = [1, 2, 3].flatMap((seed) => items('report', seed).map(({ key }) => key));
		expect(reported.filter((key) => chosen.has(key))).toEqual([]);
		expect(Math.min(chosen.size, reported.length)).toBeGreaterThan(30);
	});

	test('the same seed gives the same items, none of them asked twice', () => {
		expect(items('report', 5)).toEqual(items('report', 5));
		expect(items('report', 5)).not.toEqual(items('report', 6));
		const keys = items('report', 5).map(({ key }) => key);
		expect(new Set(keys).size).toBe(keys.length);
	});

	test('the answer is among the options, which all differ', () => {
		for (const { answer, options = [answer] } of items('report', 7)) {
			expect(options).toContain(answer);
			expect(new Set(options).size).toBe(options.length);
			expect(answer).toBe(answer.trim());
		}
	});
});

test('a word prompt has four examples, none of them the asked word', () => {
	const items = tasks.words('report', 8);
	const { prompt, answer } = items[0]!;
	expect(prompt.split('\n')).toHaveLength(10);
	expect(prompt.endsWith('English: ')).toBe(true);
	expect(items.filter((item) => item.prompt.includes(`English: ${item.answer}\n`))).toEqual([]);
	expect(prompt).not.toContain(`English: ${answer}\n`);
});

test('sentiment asks for the three classes alike', () => {
	const answers = tasks.sentiment('report', 9).map(({ answer }) => answer);
	const count = (sign: string) => answers.filter((answer) => answer === sign).length;
	expect(['+', '-', '0'].map(count)).toEqual([30, 30, 30]);
});
