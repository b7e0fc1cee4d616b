import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTable } from '../data/table.ts';
import { createTokenizer, type TextTokenizer } from '../data/tokenizer.ts';
import type { LanguageModel } from './languageModel.ts';
import { measureTextLoss } from './textLoss.ts';

const words: TextTokenizer = {
	vocabularySize: 100,
	bosTokenId: 1,
	eosTokenId: 2,
	idOf: () => null,
	encode(text, { special }) {
		const ids = text.split(' ').filter(Boolean).map(Number);
		return special && ids[0] !== 1 ? [1, ...ids] : ids;
	},
	decode: () => '',
};

/** Each token after the first costs its own id. */
function modelOf(contextLength: number): LanguageModel {
	return {
		contextLength,
		scoreContinuations: () => Promise.reject(new Error('not used')),
		generateGreedily: () => Promise.reject(new Error('not used')),
		lensViews: () => Promise.reject(new Error('not used')),
		sequenceLosses(sequences, onDone) {
			onDone(sequences.length);
			return Promise.resolve(
				sequences.map((ids) => ({
					loss: ids.slice(1).reduce((sum, id) => sum + id, 0),
					tokens: ids.length - 1,
				})),
			);
		},
	};
}
const measure = (texts: string[], context = 10) =>
	measureTextLoss(modelOf(context), words, { language: 'x', texts }, () => undefined);

test('weighs tokens, not texts, begin-of-sequence read and not counted', async () => {
	expect(await measure(['10 20 30', '4'])).toEqual({
		task: 'loss',
		subject: 'x',
		metric: 'loss-per-token',
		mean: 64 / 4,
		sd: null,
		runs: 1,
		count: 4,
		shortened: 0,
	});
});

test('cuts texts to the context and counts them', async () => {
	expect(await measure(['10 20 30', '4 5'], 3)).toMatchObject({
		mean: (10 + 20 + 4 + 5) / 4,
		count: 4,
		shortened: 1,
	});
});

test('refuses a set without tokens', async () => {
	await expect(measure(['', ''])).rejects.toThrow(/^Loss, x: there is no text/);
});

const data = '../shared/data';
describe.skipIf(!existsSync(data))('NusaX rows 0-59 for stories260K', () => {
	const json = (name: string) =>
		JSON.parse(readFileSync(`${data}/models/stories260K/${name}`, 'utf8')) as unknown;
	const { languages } = json('nusax_nll.json') as {
		languages: Record<string, { tokens: number; rows: [number, number][] }>;
	};

	test.each(Object.keys(languages))(
		'%s has the token counts of the reference',
		async (language) => {
			const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
			const { rows } = parseTable(readFileSync(`${data}/nusax/mt/test.csv`), 'test.csv');
			const texts = rows.slice(0, 60).map((row) => row[language] as string);
			const counts: number[] = [];
			const model = modelOf(512);
			const row = await measureTextLoss(
				{
					...model,
					sequenceLosses(sequences, onDone) {
						counts.push(...sequences.map((ids) => ids.length - 1));
						return model.sequenceLosses(sequences, onDone);
					},
				},
				tokenizer,
				{ language, texts },
				() => undefined,
			);
			expect(counts).toEqual(languages[language]!.rows.map(([tokens]) => tokens));
			expect(row).toMatchObject({ count: languages[language]!.tokens, shortened: 0 });
		},
	);
});

test('says where texts have a begin token of their own', async () => {
	const row = await measure(['1 10 20', '10 20']);
	expect(row).toMatchObject({ mean: 15, count: 4 });
	expect(row.notes).toEqual([
		'Loss, x: 1 of 2 texts begin with the begin token; they have it once',
	]);
});
