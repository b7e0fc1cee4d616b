import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bleu, BLEU_SIGNATURE, tokenize13a } from './bleu.ts';
import { chrf, chrfSignature } from './chrf.ts';

// Values of sacrebleu 2.6.0.
const given = [
	'Kucing iku turu ing kursi.',
	'Aku seneng mangan sega goreng, nanging larang!',
	'Hotel ini dekat',
];
const expected = [
	'Kucing kuwi turu ing ndhuwur kursi.',
	'Aku seneng mangan sega goreng nanging regane larang.',
	'Cedhak saka hotelku nginep',
];

test('BLEU, chrF and chrF++ of three sentences', () => {
	expect(bleu(given, expected)).toBeCloseTo(31.21900910291815, 10);
	expect(chrf('chrf', given, expected).corpus).toBeCloseTo(53.52593808198337, 10);
	const { corpus, sentences } = chrf('chrf++', given, expected);
	expect(corpus).toBeCloseTo(52.35573768378878, 10);
	for (const [index, score] of [50.680949, 70.833408, 11.089113].entries())
		expect(sentences[index]).toBeCloseTo(score, 6);
});

interface Golden {
	readonly hypotheses: string[];
	readonly references: string[];
	readonly bleu: number;
	readonly bleu_signature: string;
	readonly chrf: number;
	readonly 'chrf++': number;
	readonly 'chrf++_sentences': number[];
	readonly 'chrf++_signature': string;
}

const file = '../shared/golden/text-metrics.json';
describe.skipIf(!existsSync(file))('as sacrebleu 2.6.0 on NusaX', () => {
	test.each(['javanese', 'sundanese', 'english'])('%s', (language) => {
		const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>;
		const golden = all[language]!;
		const { hypotheses, references } = golden;
		expect(Math.abs(bleu(hypotheses, references) - golden.bleu)).toBeLessThan(1e-9);
		expect(BLEU_SIGNATURE).toBe(golden.bleu_signature);
		const plain = chrf('chrf', hypotheses, references);
		expect(Math.abs(plain.corpus - golden.chrf)).toBeLessThan(1e-9);
		const plus = chrf('chrf++', hypotheses, references);
		expect(Math.abs(plus.corpus - golden['chrf++'])).toBeLessThan(1e-9);
		expect(chrfSignature('chrf++')).toBe(golden['chrf++_signature']);
		const errors = plus.sentences.map((score, index) =>
			Math.abs(score - golden['chrf++_sentences'][index]!),
		);
		expect(errors).toHaveLength(60);
		expect(Math.max(...errors)).toBeLessThan(1e-9);
	});
});

describe('BLEU', () => {
	test('an order without a match counts 1/2, the next one 1/4, of its n-grams', () => {
		// Of "a b x c d": 4 of 5 words, 2 of 4 pairs, 0 of 3 and 0 of 2; the reference is a word shorter.
		const product = (80 * 50 * (100 / (2 * 3)) * (100 / (4 * 2))) ** (1 / 4);
		expect(bleu(['a b x c d'], ['a b c d'])).toBeCloseTo(product, 10);
	});

	test('is 0 without any match, and without four words in a row', () => {
		expect(bleu(['a b c d e'], ['v w x y z'])).toBe(0);
		expect(bleu(['a b c', 'a b'], ['a b c', 'a b'])).toBe(0);
		expect(bleu([''], ['a'])).toBe(0);
	});

	test('is 100 of equal texts, and less of shorter ones', () => {
		expect(bleu(['a b c d e'], ['a b c d e'])).toBeCloseTo(100, 10);
		expect(bleu(['a b c d'], ['a b c d e'])).toBeCloseTo(100 * Math.exp(1 - 5 / 4), 10);
	});

	test.each([
		['Halo, jagad!', ['Halo', ',', 'jagad', '!']],
		['1,000.5 a.b x-y 3-4', ['1,000.5', 'a', '.', 'b', 'x-y', '3', '-', '4']],
		['&quot;a&amp;b&quot; &lt;', ['"', 'a', '&', 'b', '"', '<']],
		['re-\nadd\nnew<skipped>', ['readd', 'new']],
		["it's (50%) $5 @home", ["it's", '(', '50', '%', ')', '$', '5', '@', 'home']],
		['a\u00a0b\x85c\x1dd\ufeffe', ['a', 'b', 'c', 'd\ufeffe']],
		['ends with a dash-\n', ['ends', 'with', 'a', 'dash-']],
	])('separates %j', (text, words) => {
		expect(tokenize13a(text)).toEqual(words);
	});
});

describe('chrF', () => {
	test('takes a mark off the end of a word, or else off its beginning', () => {
		const words = (one: string, other: string) => chrf('chrf++', [one], [other]).corpus;
		expect(words('hi.', 'hi .')).toBe(100);
		expect(words('"hi', '" hi')).toBe(100);
		expect(words('(hi)', '( hi )')).toBeLessThan(100);
	});

	test('counts characters outside the basic plane once', () => {
		// One of two characters, no pair: P = R = (1/2 + 0) / 2 = 1/4.
		expect(chrf('chrf', ['😀a'], ['😀b']).corpus).toBeCloseTo(25, 10);
	});

	test('is 0 of nothing, and 100 of equal texts', () => {
		expect(chrf('chrf++', ['', 'a'], ['b', '']).corpus).toBe(0);
		expect(chrf('chrf++', ['a b'], ['a b'])).toEqual({ corpus: 100, sentences: [100] });
	});
});
