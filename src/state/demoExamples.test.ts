import { expect, test } from 'vitest';
import type { Prediction } from '../contract/evaluation.ts';
import { lastExchange, questions, shortAnswer, wordPairs } from './demoExamples.ts';

const asked = (from: string, word: string, to: string, expected: string): Prediction => ({
	prompt: `${from}: asu\n${to}: dog\n${from}: ${word}\n${to}: `,
	expected,
	given: 'fish',
	right: false,
});

test('the question is the last line pair of the prompt', () => {
	expect(lastExchange('Javanese: asu\nEnglish: dog\nJavanese: banyu\nEnglish: ')).toEqual({
		from: 'Javanese',
		word: 'banyu',
		to: 'English',
	});
	expect(lastExchange('Chinese: 水\nJavanese: ')).toEqual({
		from: 'Chinese',
		word: '水',
		to: 'Javanese',
	});
	expect(lastExchange('Javanese: asu iku apik = ')).toBeNull();
});

test('questions between known languages are left out; the rest keep their place', () => {
	const predictions = [
		asked('English', 'dog', 'German', 'Hund'),
		asked('Javanese', 'banyu', 'English', 'water'),
		asked('German', 'Hund', 'Javanese', 'asu'),
	];
	expect(questions(predictions, 'Javanese')).toEqual([
		expect.objectContaining({ index: 1, direction: 'understands', word: 'banyu' }),
		expect.objectContaining({ index: 2, direction: 'speaks', expected: 'asu' }),
	]);
});

test('English comes first, in it the same word both ways', () => {
	const all = questions(
		[
			asked('Javanese', 'srengenge', 'German', 'Sonne'),
			asked('German', 'Sonne', 'Javanese', 'srengenge'),
			asked('Javanese', 'geni', 'English', 'fire'),
			asked('Javanese', 'banyu', 'English', 'water'),
			asked('English', 'stone', 'Javanese', 'watu'),
			asked('English', 'water', 'Javanese', 'banyu'),
			asked('English', 'tree', 'Javanese', 'wit'),
		],
		'Javanese',
	);
	const words = wordPairs(all).map(({ understands, speaks }) => [understands?.word, speaks?.word]);
	expect(words).toEqual([
		['banyu', 'water'],
		['geni', 'stone'],
		[undefined, 'tree'],
		['srengenge', 'Sonne'],
	]);
});

test('answers are short enough for a tile, and silence is said', () => {
	expect(shortAnswer(' water ')).toBe('water');
	expect(shortAnswer('')).toBe('(nothing)');
	expect(shortAnswer('water water water water', 12)).toBe('water water…');
});
