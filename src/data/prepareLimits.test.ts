/** What is said of rows that are prepared, word for word, and the limits at which they still are. */
import { expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Chat } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import { prepareData } from './prepare.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Characters as tokens, of which `^` is 1, put in front of texts, and `$` 2. */
const characters: TextTokenizer = {
	...{ vocabularySize: 1000, bosTokenId: 1, eosTokenId: 2, idOf: () => null, decode: () => '' },
	encode(text, { special }) {
		const ids = Array.from(text, (one) => '^$'.indexOf(one) + 1 || one.charCodeAt(0));
		return special && ids[0] !== 1 ? [1, ...ids] : ids;
	},
};
const none = { rows: 0, sequences: null };
const spec: DataSpec = {
	...{ dataset: 'd', rows: null, template: 'plain', loss: 'all', packing: 'stream' },
	...{ rowTokens: 10, sequenceLength: 4, order: 'sequential', heldOut: none },
};
const prepare = (
	outputs: readonly string[],
	change: Partial<DataSpec> = {},
	onProgress: (done: number, total: number) => void = () => undefined,
) =>
	prepareData(
		{
			rows: outputs.map((output) => ({ instruction: 'i', input: '', output })),
			...{ name: 'pairs', data: { ...spec, ...change }, tokenizer: characters },
			...{ endToken: 2, contextLength: 8, chatTemplate: null },
		},
		onProgress,
	);

test.each<[string[], string[]]>([
	[['ab', 'cd', 'ef'], []],
	[['^ab', 'cd', 'ef'], ['1 of 3 rows begin with the begin token; they have it once']],
	[['ab', 'cd$', 'ef$'], ['2 of 3 rows end with the end token; they have it once']],
	[
		['^ab', 'c$', '^ef$'],
		[
			'2 of 3 rows begin with the begin token; they have it once',
			'2 of 3 rows end with the end token; they have it once',
		],
	],
])('of %j, trained on or held out, is told: %j', async (outputs, notes) => {
	const prepared = await prepare(outputs, { heldOut: { rows: 1, sequences: null } });
	expect(prepared.notes).toEqual(notes);
});

test('progress is told of the rows that are prepared', async () => {
	const seen: number[][] = [];
	const change: Partial<DataSpec> = { rows: [1, 3], heldOut: { rows: 1, sequences: null } };
	await prepare(['ab', 'cd', 'ef', 'gh', 'ij'], change, (...told) => seen.push(told));
	expect(seen).toEqual([
		[2, 3],
		[3, 3],
	]);
});

test('rows that are cut before their answer are told from those that have none', async () => {
	// The answer is the last character, if it is no x.
	const layOut = ({ messages }: Chat) => {
		const text = messages.map(({ content }) => content).join('');
		return { text, answers: text.endsWith('x') ? [] : [[text.length - 1, text.length] as const] };
	};
	const { leftOut } = await prepareData(
		{
			rows: ['ax', 'ab', 'abc', 'abcd'].map((content) => ({
				...{ instruction: '', input: '', output: '' },
				chat: { messages: [{ role: 'user', content }] },
			})),
			data: { ...spec, template: 'chat', loss: 'response', packing: 'rows', rowTokens: 2 },
			...{ name: 'pairs', tokenizer: characters, endToken: 2, contextLength: 8 },
			chatTemplate: { layOut },
		},
		() => undefined,
	);
	expect(leftOut).toEqual({
		of: 4,
		reasons: [
			{ why: 'with nothing to predict', rows: 1, first: [1] },
			{ why: 'with nothing to predict in their first 2 tokens', rows: 2, first: [3, 4] },
		],
	});
});

test.each<[string, string[], Partial<DataSpec>, number]>([
	['sequences as long as the context', ['abcdef'], { sequenceLength: 8 }, 1],
	['sequences of two tokens', ['abcdef'], { sequenceLength: 2 }, 4],
	['one row of two', ['ab', 'cd'], { rows: [1, 2] }, 1],
	[
		'all but the held-out rows',
		['ab', 'cd'],
		{ rows: [0, 1], heldOut: { rows: 1, sequences: 1 } },
		1,
	],
	['a row as long as a sequence', ['ab'], { packing: 'rows' }, 1],
])('takes %s', async (_, outputs, change, count) => {
	expect((await prepare(outputs, change)).train.count).toBe(count);
});

test.each<[string, string[], Partial<DataSpec>, string]>([
	[
		'sequences longer than the context',
		['ab'],
		{ sequenceLength: 9 },
		'dataset "pairs": sequences of 9 tokens are longer than the model\'s context of 8; lower the sequence length',
	],
	[
		'sequences of one token',
		['ab'],
		{ sequenceLength: 1 },
		'dataset "pairs": a sequence of 1 token predicts nothing; take 2 or more',
	],
	[
		'all rows held out',
		['ab'],
		{ heldOut: { rows: 1, sequences: null } },
		'dataset "pairs": 1 of 1 rows are held out, none is left to train on; hold out fewer',
	],
	[
		'no rows',
		['ab'],
		{ rows: [1, 1] },
		'dataset "pairs": rows 1 to 1 are none; the first must be below the end',
	],
	[
		'held-out rows',
		['ab', 'cd', 'ef'],
		{ rows: [0, 3], heldOut: { rows: 1, sequences: null } },
		'dataset "pairs": rows 0 to 3 reach into the held-out rows, which begin at 2 of 3; end at 2 or hold out fewer',
	],
	[
		'a row longer than a sequence',
		['ab', 'abcd'],
		{ packing: 'rows', rows: [1, 2] },
		'dataset "pairs", row 2: 6 tokens, a sequence holds 4 (the model\'s context is 8); cut rows to 3 tokens, or pack as stream',
	],
	[
		'too few tokens to train on',
		['a'],
		{},
		'dataset "pairs", training part: 3 tokens do not fill one sequence of 4; take more rows or shorter sequences',
	],
	[
		'too few held-out tokens',
		['ab', 'c'],
		{ heldOut: { rows: 1, sequences: null } },
		'dataset "pairs", held-out part: 3 tokens do not fill one sequence of 4; take more rows or shorter sequences',
	],
	[
		'nothing to predict',
		['x', 'y'],
		{ packing: 'rows', loss: 'response', template: 'stanford', rowTokens: 3 },
		'dataset "pairs", training part: none of 2 sequences has a token to predict; keep more tokens of a row, take longer sequences, or grade every word',
	],
])('refuses %s', async (_, outputs, change, why) => {
	await expect(prepare(outputs, change)).rejects.toThrow(namedError('BadInput', why));
});
