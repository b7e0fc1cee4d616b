import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTable } from '../data/table.ts';
import { readExam } from './examFile.ts';

const header = 'subject,level,kelas,soal,jawaban,kunci,is_for_fewshot\n';
const read = (text: string) =>
	readExam(
		{ table: parseTable(new TextEncoder().encode(text), 'exam.csv'), file: 'exam.csv' },
		'Bahasa Jawa',
	);
const row = (change: Partial<Record<string, string>> = {}) => {
	const cells = {
		...{ subject: 'Bahasa Jawa', level: 'SD', kelas: '4', soal: 'Apa?' },
		...{ jawaban: '"A. a\nB. b"', kunci: 'B', shot: '0', ...change },
	};
	return `${Object.values(cells).join(',')}\n`;
};

test('takes what a prompt says, through a BOM, CRLF and quotes', () => {
	const text = `\ufeff${header}${row({ soal: '"Sapa ""iku"", Budi?"', kelas: '4.0', kunci: 'b' })}`;
	const { set, skipped } = read(text.replaceAll('\n', '\r\n'));
	expect(skipped).toEqual([]);
	expect(set).toEqual({
		subject: 'Bahasa Jawa, SD',
		questions: [
			{
				...{ subject: 'Bahasa Jawa', level: 'SD', grade: '4', question: 'Sapa "iku", Budi?' },
				...{ options: 'A. a\nB. b', letters: ['A', 'B'], key: 'B' },
			},
		],
		shots: [],
	});
});

test('asks primary school only; shown rows are not asked, whatever their school', () => {
	const mixed = (level: string, kelas: string) => row({ level, kelas, soal: `${level} ${kelas}` });
	const { set } = read(
		header +
			mixed('VI SD', '6').replace('VI SD 6', 'one') +
			mixed('SD-SMP', '6') +
			mixed('SD-SMP', '7') +
			mixed('SD-SMP-SMA', '"4,5,6"').replace('SD-SMP-SMA "4,5,6"', 'many') +
			mixed('SMP', '8') +
			row({ subject: 'Bahasa Sunda' }) +
			row({ level: 'SMA', soal: 'shown', shot: '1' }) +
			row({ soal: 'shown too', shot: 'True' }),
	);
	expect(set.questions.map(({ question, level }) => [question, level])).toEqual([
		['one', 'SD'],
		['SD-SMP 6', 'SD'],
		['many', 'SD'],
	]);
	expect(set.shots!.map(({ question, level }) => [question, level])).toEqual([
		['shown', 'SMA'],
		['shown too', 'SD'],
	]);
});

test('without is_for_fewshot the questions show one another', () => {
	const text = (header + row()).replaceAll(/,(is_for_fewshot|0)$/gm, '');
	expect(read(text).set).toMatchObject({ shots: null, questions: [{ key: 'B' }] });
});

test('skips what cannot be asked, and tells row and column', () => {
	const { set, skipped } = read(
		header +
			row({ kunci: 'E' }) +
			row() +
			row({ jawaban: '"A. a\nC. b"' }) +
			row({ jawaban: 'ya' }) +
			row({ kunci: '' }),
	);
	expect(set.questions).toHaveLength(1);
	expect(skipped).toEqual([
		'exam.csv: row 1, column "kunci": "E" is none of A, B; skipped',
		'exam.csv: row 3, column "jawaban": the options do not run A., B., ...; skipped',
		'exam.csv: row 4, column "jawaban": the options do not run A., B., ...; skipped',
		'exam.csv: row 5, column "kunci": "" is none of A, B; skipped',
	]);
});

test('names file, row and column of what cannot be read', () => {
	const refused = (text: string) => expect(() => read(text));
	refused(`${header}${row()}`.replace('kunci', 'key')).toThrow(
		/^exam\.csv: there is no column "kunci"; it has "subject", /,
	);
	refused(header + row() + row({ soal: '' })).toThrow(
		'exam.csv: row 2, column "soal": the cell is',
	);
	refused(header + row({ shot: 'maybe' })).toThrow(
		'exam.csv: row 1, column "is_for_fewshot": "maybe" is neither 0 nor 1',
	);
	refused(header + row({ level: 'SMP' })).toThrow(
		'exam.csv: column "subject": no SD question of "Bahasa Jawa" among 1 rows',
	);
});

const data = '../shared/data/indommlu';
describe.skipIf(!existsSync(data))('real questions', () => {
	test.each([
		['jv', 'Bahasa Jawa', 17],
		['su', 'Bahasa Sunda', 25],
	])('%s: %s has %i of primary school', (code, subject, count) => {
		for (const part of [code, 'all_1000']) {
			const file = `${data}/indommlu_subset_${part}.csv`;
			const { set, skipped } = readExam(
				{ table: parseTable(readFileSync(file), file), file },
				subject,
			);
			expect(set.questions).toHaveLength(count);
			expect(skipped).toEqual([]);
			expect(set.shots).toBeNull();
		}
	});
});
