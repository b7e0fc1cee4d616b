/** Labels of both files are compared, however many there are. */
import { expect, test } from 'vitest';
import { parseTable } from '../data/table.ts';
import { readSentiment } from './sentimentFile.ts';

const named = (file: string, labels: readonly string[]) => {
	const text = `text,label\n${labels.map((label, row) => `t${row},${label}`).join('\n')}\n`;
	return { file, table: parseTable(new TextEncoder().encode(text), file) };
};

test('takes a label for each row', () => {
	const labels = Array.from({ length: 50_000 }, (_, index) => `l${index}`);
	const set = readSentiment('x', named('train.csv', labels), named('test.csv', labels));
	expect(set.train).toEqual(set.test);
	expect(set.test.at(-1)).toEqual({ text: 't49999', label: 'l49999' });
});

test('names the row whose label the other file does not have', () => {
	const [both, one] = [named('a.csv', ['p', 'n']), named('b.csv', ['p', 'p'])];
	expect(() => readSentiment('x', one, both)).toThrow(
		/^a\.csv: row 2, column "label": "n" is no label of b\.csv/,
	);
	expect(() => readSentiment('x', both, one)).toThrow(/^b\.csv: column "label": no row is "n"/);
});
