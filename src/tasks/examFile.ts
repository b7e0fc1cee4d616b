/** Exam questions out of a table in the columns of IndoMMLU (Koto et al. 2023, indolem/IndoMMLU). */
import type { ExamQuestion, ExamSet } from '../contract/evaluation.ts';
import { filledCell, needColumns } from '../data/columns.ts';
import { cellText, type NamedTable } from '../data/table.ts';
import { cellOf } from '../data/cells.ts';
import { badData } from '../data/text.ts';

export interface ExamFile {
	readonly set: ExamSet;
	/** One line for each question that cannot be asked, with row and column. */
	readonly skipped: readonly string[];
}

const PRIMARY = 'SD';

/**
 * The primary-school questions of a subject (`Bahasa Jawa`). Rows with `is_for_fewshot` are shown and never asked, of
 * whatever school; without that column the questions show one another. A question whose options do not run A, B, ... or
 * whose key is none of them is skipped and told. Throws `BadInput` naming file, row and column where one is missing,
 * empty or marked otherwise, or where the subject has no question.
 */
export function readExam(named: NamedTable, subject: string): ExamFile {
	const { table, file } = named;
	needColumns(named, ['subject', 'level', 'kelas', 'soal', 'jawaban', 'kunci']);
	const rows = [...table.rows.keys()].filter((row) => trimmed(named, row, 'subject') === subject);
	const skipped: string[] = [];
	const questions: ExamQuestion[] = [];
	const shots: ExamQuestion[] = [];
	for (const row of rows) {
		const shown = isShot(named, row);
		if (!shown && !isPrimary(named, row)) continue;
		const question = readQuestion(named, row);
		if (typeof question === 'string') skipped.push(question);
		else (shown ? shots : questions).push(question);
	}
	if (questions.length === 0)
		throw badData(
			file,
			`column "subject": no ${PRIMARY} question of "${subject}" among ${table.rows.length} rows; take the file that has them`,
		);
	const pool = table.columns.includes('is_for_fewshot') ? shots : null;
	return { set: { subject: `${subject}, ${PRIMARY}`, questions, shots: pool }, skipped };
}

const trimmed = (named: NamedTable, row: number, name: string): string =>
	cellText(named, row, name).trim();

/** `V SD` is primary school; a mixed level (`SD-SMP`) where all its classes are below the seventh. */
function isPrimary(named: NamedTable, row: number): boolean {
	const schools = trimmed(named, row, 'level').split(/[\s-]+/);
	if (!schools.includes(PRIMARY)) return false;
	if (!schools.includes('SMP') && !schools.includes('SMA')) return true;
	const classes = classOf(named, row).split(',').map(Number);
	return classes.every((number) => number >= 1 && number <= 6);
}

/** Spreadsheets write class 4 as 4.0. */
const classOf = (named: NamedTable, row: number): string =>
	trimmed(named, row, 'kelas').replace(/\.0$/, '');

const marks = new Map([
	...['1', '1.0', 'true'].map((mark) => [mark, true] as const),
	...['0', '0.0', 'false', ''].map((mark) => [mark, false] as const),
]);

function isShot(named: NamedTable, row: number): boolean {
	const { table, file } = named;
	const flag = cellOf(table.rows[row], 'is_for_fewshot');
	if (typeof flag === 'boolean') return flag;
	const mark = trimmed(named, row, 'is_for_fewshot');
	const shown = marks.get(mark.toLowerCase());
	if (shown !== undefined) return shown;
	throw badData(file, `row ${row + 1}, column "is_for_fewshot": "${mark}" is neither 0 nor 1`);
}

/** A question, or why it cannot be asked. */
function readQuestion(named: NamedTable, row: number): ExamQuestion | string {
	const { file } = named;
	const question = filledCell(named, row, 'soal');
	const options = filledCell(named, row, 'jawaban');
	const given = trimmed(named, row, 'kunci');
	const where = (column: string) => `${file}: row ${row + 1}, column "${column}":`;
	const letters = options
		.split(/\r\n|\n|\r/)
		.flatMap((line) => /^\s*([A-Z])\./.exec(line)?.[1] ?? []);
	if (letters.length < 2 || letters.join('') !== 'ABCDEFGH'.slice(0, letters.length))
		return `${where('jawaban')} the options do not run A., B., ...; skipped`;
	const key = given.toUpperCase();
	if (!letters.includes(key))
		return `${where('kunci')} "${given}" is none of ${letters.join(', ')}; skipped`;
	const level = isPrimary(named, row) ? PRIMARY : trimmed(named, row, 'level');
	const grade = classOf(named, row);
	const subject = trimmed(named, row, 'subject');
	return {
		subject,
		level,
		grade,
		question,
		options: options.replace(/\r\n?/g, '\n'),
		letters,
		key,
	};
}
