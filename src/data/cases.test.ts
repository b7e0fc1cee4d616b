/** Files of the kinds that were read wrongly once, with what is right (`../shared/cases`). */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { leftOutText } from '../contract/leftOut.ts';
import { toInstructionRows } from './alpaca.ts';
import { guessMapping } from './columnNames.ts';
import { readTable } from './table.ts';

const cases = '../shared/cases';

async function rowsOf(path: string, columns?: readonly [string | null, string | null, string]) {
	const name = path.split('/').at(-1)!;
	const table = await readTable(new File([readFileSync(`${cases}/${path}`)], name));
	const [instruction, input, output] = columns ?? [];
	const mapping =
		output === undefined
			? guessMapping(table.columns)!
			: { instruction: instruction ?? null, input: input ?? null, output };
	return toInstructionRows(table, mapping, name);
}

describe.skipIf(!existsSync(cases))('cases', () => {
	test('messages become chats', async () => {
		const { rows } = await rowsOf('data/trl-conv.jsonl');
		expect(rows).toHaveLength(12);
		expect(rows[0]).toEqual({
			...{ instruction: '', input: '', output: '' },
			chat: {
				messages: [
					{ role: 'user', content: 'Apa ibukota Jawa Barat?' },
					{ role: 'assistant', content: 'Bandung.' },
				],
			},
		});
	});

	test.each([
		['pref-list.json', /row 1, column "output": a list of 2 .*preferences/],
		['list-output.jsonl', /row 1, column "output": a list of 3/],
		['json.parquet', /row 1, column "output": an object \(a\)/],
		['surrogate.json', /row 1, column "output": the text has half a surrogate pair/],
	])('%s is refused with row and column', async (file, message) => {
		await expect(rowsOf(`data/${file}`)).rejects.toThrow(message);
	});

	test('columns of pandas are 20 rows', async () => {
		const { rows } = await rowsOf('data/pandas-columns.json');
		expect(rows).toHaveLength(20);
		expect(rows[19]).toEqual({ instruction: 'pitakon 19', input: '', output: 'wangsulan 19' });
	});

	test('a row without an output is left out and counted', async () => {
		const { rows, leftOut } = await rowsOf('data/null-output.jsonl');
		expect(rows).toHaveLength(11);
		expect(leftOutText(leftOut)).toBe('1 of 12 rows is left out: 1 without an output (row 12)');
	});

	test.each([
		['bignum.json', 'a', '12345678901234567890'],
		['bignum.json', 'd', '1.0'],
		['bignum2.json', 'a', '9007199254740993'],
		['bignum2.json', 'd', '2.50'],
	])('%s, %s has the digits of the file', async (file, column, digits) => {
		const { rows } = await rowsOf(`data/${file}`, [null, null, column]);
		expect(rows).toEqual([{ instruction: '', input: '', output: digits }]);
	});

	test("Excel's line of the delimiter is no header", async () => {
		const { rows } = await rowsOf('data/sep.csv');
		expect(rows).toHaveLength(12);
		expect(rows[0]).toEqual({ instruction: 'a', input: '', output: 'b' });
	});

	test('a damaged page is refused', async () => {
		await expect(rowsOf('hostile/onebyte-hang.parquet')).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(
				/^onebyte-hang\.parquet: not a readable Parquet file \(levels exceed their page\)/,
			) as string,
		});
	});
});
