/** Multiple-choice questions out of a table of one's own. */
import type { ExamQuestion, OwnTask } from '../contract/evaluation.ts';
import { filledCell, needColumns } from '../data/columns.ts';
import { cellText, type NamedTable } from '../data/table.ts';
import { badData } from '../data/text.ts';

type Columns = Extract<OwnTask, { kind: 'exam' }>;

const LETTERS = 'ABCDEFGH';

/**
 * Throws `BadInput` naming file, row and column where one is missing or empty, where options do not run A., B., ..., or
 * where the key is none of their letters. Of several columns of options the last cells may be empty.
 */
export function readOwnExam(named: NamedTable, columns: Columns): ExamQuestion[] {
	const { subject, question, options, key } = columns;
	needColumns(named, [question, ...options, key]);
	return named.table.rows.map((_, row) => {
		const lines = optionLines(named, row, options);
		const letters = Array.from(LETTERS.slice(0, lines.length));
		const right = filledCell(named, row, key).toUpperCase();
		if (!letters.includes(right))
			throw badData(
				named.file,
				`row ${row + 1}, column "${key}": "${right}" is none of ${letters.join(', ')}`,
			);
		return {
			...{ subject, level: '', grade: '' },
			...{ question: filledCell(named, row, question), options: lines.join('\n') },
			...{ letters, key: right },
		};
	});
}

function optionLines(named: NamedTable, row: number, columns: readonly string[]): string[] {
	const [first = ''] = columns;
	const where = `row ${row + 1}, column "${first}":`;
	if (columns.length > 1) {
		const cells = columns.map((column) => cellText(named, row, column).trim());
		const texts = cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
		const empty = columns[texts.indexOf('')];
		if (empty !== undefined) filledCell(named, row, empty);
		if (texts.length < 2) throw badData(named.file, `${where} a question needs two options`);
		return texts.map((text, index) => `${LETTERS.charAt(index)}. ${text}`);
	}
	const lines = filledCell(named, row, first).split(/\r\n|\n|\r/);
	const begins = lines.map((line) => /^\s*([A-Z])\./.exec(line)?.[1] ?? '').join('');
	if (lines.length < 2 || begins !== LETTERS.slice(0, lines.length))
		throw badData(named.file, `${where} the options do not run A., B., ..., one on each line`);
	return lines;
}
