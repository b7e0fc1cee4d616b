/** Which tokens of a row are answers, and what a row wrote itself. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Chat } from '../contract/library.ts';
import type { LaidOut } from './chatTemplate.ts';
import type { TextTokenizer } from './tokenizer.ts';
import {
	commonPrefix,
	type RowLayout,
	tokenizeRow,
	tokenizeRows,
	writesBegin,
} from './tokenRows.ts';

/** Pieces as tokens: `ab` is 900, other characters their code; 1 in front, once. */
const pieces: TextTokenizer = {
	...{ vocabularySize: 1000, bosTokenId: 1, eosTokenId: 2, idOf: () => null, decode: () => '' },
	encode(text, { special }) {
		const ids = (text.match(/ab|[^]/g) ?? []).map((one) =>
			one === 'ab' ? 900 : one === '^' ? 1 : one === '$' ? 2 : one.charCodeAt(0),
		);
		return special && ids[0] !== 1 ? [1, ...ids] : ids;
	},
};
const bare: TextTokenizer = {
	...pieces,
	encode: (text) => pieces.encode(text, { special: false }),
};

const plain = { template: 'plain', loss: 'response', rowTokens: 10 } as const;
const layout = (change: Partial<RowLayout> = {}): RowLayout => ({
	...{ data: plain, tokenizer: pieces, endToken: 2, chatTemplate: null },
	...change,
});
const row = (output: string) => ({ instruction: '', input: '', output });
const codes = (text: string) => Array.from(text, (one) => one.charCodeAt(0));

test.each([
	[[], [], 0],
	[[1, 2], [], 0],
	[[1, 2], [1, 2, 3], 2],
	[[1, 2, 3], [1, 2], 2],
	[[1, 2, 3], [1, 5, 3], 1],
])('%j and %j have %d in common', (a, b, length) => {
	expect(commonPrefix(a, b)).toBe(length);
});

describe('what a row wrote itself', () => {
	test.each<[string, boolean, boolean, number[], number]>([
		['xy', false, false, [1, ...codes('xy'), 2], 3],
		['^xy', true, false, [1, ...codes('xy'), 2], 3],
		['xy$', false, true, [1, ...codes('xy'), 2], 3],
		['x$y', false, false, [1, 120, 2, 121, 2], 4],
		['$$', false, true, [1, 2, 2], 2],
		['', false, false, [1, 2], 1],
	])('%j: begin token %s, end token %s', (output, begin, end, ids, textTokens) => {
		const made = tokenizeRow(row(output), layout(), 'row 1');
		expect([...made.ids]).toEqual(ids);
		expect(made).toMatchObject({ textTokens, written: { begin, end }, graded: [[0, Infinity]] });
	});

	test('is no begin token where the tokenizer puts none in front', () => {
		expect(writesBegin(bare, '^x')).toBe(false);
		expect(writesBegin(pieces, '^x')).toBe(true);
		expect(writesBegin(pieces, 'x^')).toBe(false);
		expect(writesBegin(pieces, '')).toBe(false);
	});

	test('is looked for in the beginning of a text', () => {
		const seen: string[] = [];
		const listening: TextTokenizer = {
			...pieces,
			encode(text, options) {
				seen.push(text);
				return pieces.encode(text, options);
			},
		};
		writesBegin(listening, 'x'.repeat(1000));
		expect(Math.max(...seen.map(({ length }) => length))).toBe(64);
	});
});

describe('a chat', () => {
	/** Lays a chat out as it is asked to. */
	const as = (laidOut: LaidOut, change: Partial<RowLayout['data']> = {}): RowLayout =>
		layout({
			data: { template: 'chat', loss: 'response', rowTokens: 10, ...change },
			chatTemplate: { layOut: () => laidOut },
		});
	const chat: Chat = { messages: [] };
	const made = (laidOut: LaidOut, change?: Partial<RowLayout['data']>) =>
		tokenizeRow({ ...row(''), chat }, as(laidOut, change), 'row 1');

	test('has no token but those of its text, cut to as many as are asked for', () => {
		const { ids, ...rest } = made({ text: '^xyz$', answers: [] }, { rowTokens: 3 });
		expect([...ids]).toEqual([1, 120, 121]);
		expect(rest).toEqual({
			...{ graded: [], textTokens: 5 },
			written: { begin: false, end: false },
		});
		expect([...made({ text: 'xy', answers: [] }).ids]).toEqual(codes('xy'));
	});

	test('is graded as a whole where every word is', () => {
		expect(made({ text: 'xy', answers: [[0, 1]] }, { loss: 'all' }).graded).toEqual([
			[0, Infinity],
		]);
	});

	test.each<[string, LaidOut['answers'], number[][]]>([
		['xyz', [[1, 2]], [[1, 2]]],
		['xyz', [[1, 3]], [[1, 3]]],
		['xyz', [[0, 0]], [[0, 0]]],
		[
			'wxyz',
			[
				[0, 1],
				[2, 4],
			],
			[
				[0, 1],
				[2, 4],
			],
		],
		// A token over the border belongs to the answer, at its beginning and at its end.
		['xaby', [[2, 3]], [[1, 2]]],
		['xaby', [[0, 2]], [[0, 2]]],
		['xaby', [[2, 4]], [[1, 3]]],
	])('of %j, %j, has its answers in %j', (text, answers, graded) => {
		expect(made({ text, answers }).graded).toEqual(graded);
	});
});

test('an instruction row is graded from its response to its end token', () => {
	const data = { template: 'stanford', loss: 'response', rowTokens: 1000 } as const;
	const { ids, graded } = tokenizeRow(
		{ instruction: 'i', input: '', output: 'xy' },
		layout({ data }),
		'row 1',
	);
	expect(graded).toEqual([[ids.length - 3, Infinity]]);
	const all = tokenizeRow(row('xy'), layout({ data: { ...data, loss: 'all' } }), 'row 1');
	expect(all.graded).toEqual([[0, Infinity]]);
});

describe('several rows', () => {
	test('are in order, and the last count is told', async () => {
		const told: number[] = [];
		const made = await tokenizeRows([row('x'), row('y')], layout(), String, (done) => {
			told.push(done);
		});
		expect(made.map(({ ids }) => [...ids])).toEqual([
			[1, 120, 2],
			[1, 121, 2],
		]);
		expect(told.at(-1)).toBe(2);
	});

	test.each<[string, Error, Error]>([
		['is named', namedError('BadInput', 'no token'), namedError('BadInput', 'row #1: no token')],
		['with a defect is not', new TypeError('x'), new TypeError('x')],
		['with something else is not', namedError('Damaged', 'x'), namedError('Damaged', 'x')],
	])('one %s', async (_, thrown, told) => {
		const tokenizer: TextTokenizer = {
			...pieces,
			encode(text, options) {
				if (text === 'y') throw thrown;
				return pieces.encode(text, options);
			},
		};
		const made = tokenizeRows(
			[row('x'), row('y')],
			layout({ tokenizer }),
			(index) => `row #${index}`,
			() => undefined,
		);
		await expect(made).rejects.toThrow(told);
	});
});
