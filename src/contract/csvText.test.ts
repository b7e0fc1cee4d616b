/** Nothing that somebody wrote into a dataset or a name may run in a spreadsheet. */
import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { csvText } from './csvText.ts';

const cells = (text: string) => Papa.parse<string[]>(text, { skipEmptyLines: true }).data;

it.each([
	'=HYPERLINK("https://evil.example","x")',
	'+1+cmd|calc',
	'-2+3+cmd|calc',
	'@SUM(1)',
	'\t=1',
	'\r=1',
	'\n=1',
	'＝1+1',
])('puts an apostrophe before %j', (text) => {
	expect(cells(csvText([{ given: text }]))[1]).toEqual([`'${text}`]);
});

it('does so in the header, too', () => {
	expect(csvText([{ '=1': 'a' }])).toBe(`"'=1"\na\n`);
});

it('leaves numbers and other text as they are', () => {
	const row = { mean: -0.5, count: 3, text: 'a = b, "c"\nd', none: null };
	expect(cells(csvText([row]))).toEqual([
		['mean', 'count', 'text', 'none'],
		['-0.5', '3', 'a = b, "c"\nd', ''],
	]);
});

it('has a column for every field of any row', () => {
	expect(csvText([{ a: 1 }, { a: 2, b: 3 }])).toBe('a,b\n1,\n2,3\n');
});

it('gives no text for no rows, such as those of a figure that has none', () => {
	expect(csvText([])).toBe('');
});
