import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { leftOutText, preparedNotes } from '../contract/leftOut.ts';
import { namedError } from '../contract/errors.ts';
import type { DataSpec } from '../contract/spec.ts';
import { toInstructionRows } from './alpaca.ts';
import { prepareData, type PrepareInput } from './prepare.ts';
import { parseTable } from './table.ts';
import { layOutRow } from './templates.ts';
import { createTokenizer, type TextTokenizer } from './tokenizer.ts';
import { type RowLayout, tokenizeRow } from './tokenRows.ts';

/** Characters as tokens, 1 in front; "ab" is one token (900), so that a merge can cross the border. */
const characters: TextTokenizer = {
	vocabularySize: 1000,
	bosTokenId: 1,
	eosTokenId: 2,
	idOf: () => null,
	encode(text, { special }) {
		const pieces = text.match(/ab|[^]/g) ?? [];
		const ids = pieces.map((piece) => (piece === 'ab' ? 900 : piece.charCodeAt(0)));
		return special ? [1, ...ids] : ids;
	},
	decode: () => '',
};

const spec: DataSpec = {
	dataset: 'd',
	rows: null,
	template: 'stanford',
	loss: 'all',
	packing: 'stream',
	rowTokens: 400,
	sequenceLength: 16,
	order: 'sequential',
	heldOut: { rows: 1, sequences: null },
};
const rows = ['x', 'yy', 'zzz'].map((output) => ({ instruction: 'i', input: '', output }));
const prepare = (change: Partial<DataSpec>, input: Partial<PrepareInput> = {}) =>
	prepareData(
		{
			name: 'pairs',
			rows,
			data: { ...spec, ...change },
			tokenizer: characters,
			endToken: 2,
			contextLength: 512,
			chatTemplate: null,
			...input,
		},
		() => undefined,
	);

describe('tokenizeRow', () => {
	const response = { template: 'stanford', loss: 'response', rowTokens: 400 } as const;
	const layout = (data: RowLayout['data'], tokenizer = characters) => ({
		...{ data, tokenizer, endToken: 2, chatTemplate: null },
	});

	test('cuts the text, then appends the end token', () => {
		const data = { ...response, loss: 'all', rowTokens: 3 } as const;
		const row = tokenizeRow(rows[0]!, layout(data), 'row 1');
		expect([...row.ids]).toEqual([1, 'B'.charCodeAt(0), 'e'.charCodeAt(0), 2]);
		expect(row).toMatchObject({ graded: [[0, Infinity]], textTokens: 142 });
	});

	test('targets begin where the response does', () => {
		const { ids, graded } = tokenizeRow(rows[1]!, layout(response), 'row 2');
		expect([...ids.slice(...graded[0]!)]).toEqual([121, 121, 2]);
	});

	test('plain text is graded as a whole, its first token too', () => {
		const data = { ...response, template: 'plain' } as const;
		const { ids, graded } = tokenizeRow(rows[1]!, layout(data), 'row 2');
		expect([...ids]).toEqual([1, 121, 121, 2]);
		expect(graded).toEqual([[0, Infinity]]);
	});

	test('a text that has its begin and end tokens has them once', () => {
		const own: TextTokenizer = {
			...characters,
			encode(text, { special }) {
				const ids = Array.from(text, (character) => '^$'.indexOf(character) + 1 || 3);
				return special && ids[0] !== 1 ? [1, ...ids] : ids;
			},
		};
		const row = { instruction: '', input: '', output: '^ab$' };
		const data = { ...response, template: 'plain' } as const;
		const made = tokenizeRow(row, layout(data, own), 'row 1');
		expect([...made.ids]).toEqual([1, 3, 3, 2]);
		expect(made).toMatchObject({ textTokens: 3, written: { begin: true, end: true } });
		const cut = tokenizeRow(row, layout({ ...data, rowTokens: 2 }, own), 'row 1');
		expect([...cut.ids]).toEqual([1, 3, 2]);
	});

	test('a token merged across the border is a target', () => {
		const merging: TextTokenizer = {
			...characters,
			encode: (text) => [1, ...(text.endsWith('Response:x') ? [7, 8, 950] : [7, 8, 9])],
		};
		const { ids, graded } = tokenizeRow(rows[0]!, layout(response, merging), 'row 1');
		expect([...ids.slice(...graded[0]!)]).toEqual([950, 2]);
	});
});

describe('prepareData', () => {
	test('trains on all rows but the last, held-out rows apart', async () => {
		const prepared = await prepare({ packing: 'rows', sequenceLength: 160, rowTokens: 142 });
		expect(prepared).toMatchObject({ rows: 2, cutRows: 1, tokens: 143 + 144 });
		expect(prepared.train.count).toBe(2);
		const held = [...prepared.heldOut!.inputIds];
		expect(held.slice(140, 144)).toEqual([58, 122, 2, 2]);
	});

	test('keeps the first held-out sequences and the rows asked for', async () => {
		const prepared = await prepare({ rows: [1, 2], heldOut: { rows: 1, sequences: 3 } });
		expect(prepared.heldOut!.count).toBe(3);
		expect(prepared).toMatchObject({ rows: 1, tokens: 144 });
		expect(prepared.train.count).toBe(9);
		expect((await prepare({ heldOut: { rows: 0, sequences: null } })).heldOut).toBeNull();
	});

	test('packs rows side by side, and one to a sequence where they are batched by length', async () => {
		const change = { rowTokens: 50, heldOut: { rows: 0, sequences: null } };
		const shared = await prepare({ ...change, packing: 'segments', sequenceLength: 128 });
		expect(shared.train.count).toBe(2);
		expect(shared.train.positions![51]).toBe(0);
		const alone = await prepare({ ...change, packing: 'bucketed', sequenceLength: 128 });
		expect(alone.train.count).toBe(3);
		expect(alone.train.positions).toBeUndefined();
	});

	test('names the row that the tokenizer refuses', async () => {
		const refusing: TextTokenizer = {
			...characters,
			encode(text, options) {
				if (text.includes('yy')) throw namedError('BadInput', 'no token for yy');
				return characters.encode(text, options);
			},
		};
		await expect(prepare({}, { tokenizer: refusing })).rejects.toThrow(
			'dataset "pairs", row 2: no token for yy',
		);
	});

	test('reports progress up to the total', async () => {
		const seen: number[][] = [];
		await prepareData(
			{
				name: 'pairs',
				rows,
				data: spec,
				tokenizer: characters,
				endToken: 2,
				contextLength: 512,
				chatTemplate: null,
			},
			(...progress) => seen.push(progress),
		);
		expect(seen).toEqual([
			[2, 3],
			[3, 3],
		]);
	});

	test.each<[string, Partial<DataSpec>, RegExp]>([
		['sequences over the context', { sequenceLength: 513 }, /513 tokens .* context of 512/],
		['a sequence of one token', { sequenceLength: 1 }, /predicts nothing/],
		[
			'nothing but held-out rows',
			{ heldOut: { rows: 3, sequences: null } },
			/3 of 3 rows are held out/,
		],
		[
			'training on held-out rows',
			{ rows: [0, 3] },
			/reach into the held-out rows, which begin at 2 of 3/,
		],
		['no rows', { rows: [1, 1] }, /rows 1 to 1 are none/],
		[
			'a row over the sequence',
			{ packing: 'rows', sequenceLength: 143 },
			/row 2: 144 tokens, a sequence holds 143 .*cut rows to 142/,
		],
		[
			'a row over a shared sequence',
			{ packing: 'segments', sequenceLength: 143 },
			/row 2: 144 tokens, a sequence holds 143 .*cut rows to 142/,
		],
		[
			'a held-out row over the sequence',
			{ packing: 'rows', sequenceLength: 143, rows: [0, 1] },
			/row 3: 145 tokens/,
		],
		['too few tokens', { sequenceLength: 400 }, /training part: 287 tokens do not fill one/],
	])('refuses %s', async (_, change, message) => {
		await expect(prepare(change)).rejects.toThrow(message);
		await expect(prepare(change)).rejects.toMatchObject({ name: 'BadInput' });
	});
});

const data = '../shared/data';
describe.skipIf(!existsSync(data))('the Javanese pairs for stories260K', () => {
	test(
		'give the stream, the cuts and the held-out sequences of the reference run',
		{ timeout: 60_000 },
		async () => {
			const file = `${data}/alpaca/javanese_oasst1_pairs.json`;
			const mapping = { instruction: 'instruction', input: 'input', output: 'output' };
			const table = parseTable(readFileSync(file), 'pairs.json');
			const { rows: pairs, leftOut } = toInstructionRows(table, mapping, 'pairs.json');
			expect(leftOut).toEqual({ of: 3482, reasons: [] });
			const json = (name: string) =>
				JSON.parse(readFileSync(`${data}/models/stories260K/${name}`, 'utf8')) as unknown;
			const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
			const prepared = await prepare(
				{
					rows: [0, 1500],
					template: 'unsloth',
					rowTokens: 512,
					sequenceLength: 128,
					heldOut: { rows: 60, sequences: 64 },
				},
				{ rows: pairs, tokenizer },
			);
			expect(prepared.rows).toBe(1500);
			expect(prepared.heldOut!.count).toBe(64);
			expect(prepared.train.count).toBe(5515);
			// Row 0 is longer than 512 tokens: its end token stands at 512, the next row begins behind it.
			expect([...prepared.train.inputIds.slice(510, 515)]).toEqual([303, 409, 2, 1, 368]);
		},
	);
});

describe('rows that teach nothing', () => {
	const outputs = ['x', 'yy', 'zzz'];
	const whole = layOutRow(rows[0]!, spec, null, '').text.length;

	test('are counted with why, and whether they are held out or not', async () => {
		const cut = await prepare({
			packing: 'rows',
			sequenceLength: 160,
			loss: 'response',
			rowTokens: whole,
		});
		// Of the last two rows a part of the answer is left; of the first all of it.
		expect(cut.leftOut).toEqual({ of: 3, reasons: [] });
		const long = ['x', 'y'.repeat(20)].map((output, at) => ({
			...{ instruction: 'i'.repeat(1 + 40 * at), input: '', output },
		}));
		const some = await prepare(
			{ packing: 'rows', sequenceLength: 160, loss: 'response', rowTokens: 150 },
			{ rows: [...long, long[0]!, long[1]!, long[0]!] },
		);
		expect(some.train.count).toBe(2);
		expect(leftOutText(some.leftOut)).toBe(
			'2 of 5 rows are left out: 2 with nothing to predict in their first 150 tokens (rows 2, 4)',
		);
		expect(preparedNotes(some, 150)).toEqual([
			leftOutText(some.leftOut),
			'2 of 4 training rows are cut to 150 tokens',
		]);
	});

	test('are those behind the last whole sequence of a stream', async () => {
		const plain = ['abcdefg', 'hij', 'k', 'l'].map((output) => ({
			instruction: '',
			input: '',
			output,
		}));
		const { leftOut, train } = await prepare(
			{ template: 'plain', sequenceLength: 8, heldOut: { rows: 0, sequences: null } },
			{ rows: plain },
		);
		expect(train.count).toBe(2);
		expect(leftOutText(leftOut)).toBe(
			'1 of 4 rows is left out: 1 behind the last whole sequence (row 4)',
		);
	});

	test('are told together with what the rows wrote themselves', async () => {
		const notes = ['1 of 5 rows begin with the begin token; they have it once'];
		const prepared = { ...(await prepare({ sequenceLength: 16 })), notes };
		expect(preparedNotes(prepared, 400)).toEqual(notes);
	});

	test('do not go unseen: nothing is said where every row teaches', async () => {
		const prepared = await prepare({ sequenceLength: 16 });
		expect(outputs).toHaveLength(prepared.leftOut.of);
		expect(preparedNotes(prepared, 400)).toEqual([]);
	});
});

describe('sequences without a token to predict', () => {
	test('are left out of a stream graded on responses', async () => {
		const all = await prepare({ sequenceLength: 16 });
		const graded = await prepare({ sequenceLength: 16, loss: 'response' });
		expect(graded.train.count).toBeGreaterThan(0);
		expect(graded.train.count).toBeLessThan(all.train.count);
		const { targets, count } = graded.train;
		for (let sequence = 0; sequence < count; sequence++)
			expect(targets.slice(sequence * 16, sequence * 16 + 16).some((id) => id >= 0)).toBe(true);
	});

	test('are refused where nothing else is left', async () => {
		await expect(
			prepare({ packing: 'rows', rowTokens: 5, loss: 'response', sequenceLength: 8 }),
		).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringContaining('to predict') as string,
		});
	});
});
