/** Training rows: which columns of a table are instruction, input and output, or which one is plain text. */
import type { ColumnMapping, InstructionRow } from '../contract/library.ts';
import type { Table } from './table.ts';
import { badData } from './text.ts';

/** Spellings in use, the usual one first (Alpaca, Dolly, OpenAI fine-tuning, question-answer sets). */
const spellings = {
	instruction: ['instruction', 'prompt', 'question', 'query', 'instruksi', 'pertanyaan'],
	input: ['input', 'context', 'konteks', 'masukan'],
	output: ['output', 'response', 'completion', 'answer', 'target', 'keluaran', 'jawaban'],
} as const;

/**
 * The mapping that the column names suggest; null where instruction or output cannot be told. A file whose only column
 * is `text` is plain text.
 */
export function guessMapping(columns: readonly string[]): ColumnMapping | null {
	const find = (names: readonly string[]): string | null => {
		for (const name of names) {
			const found = columns.find((column) => column.trim().toLowerCase() === name);
			if (found !== undefined) return found;
		}
		return null;
	};
	const text = find(['text']);
	if (text !== null && columns.length === 1)
		return { instruction: null, input: null, output: text };
	const instruction = find(spellings.instruction);
	const output = find(spellings.output);
	if (instruction === null || output === null) return null;
	return { instruction, input: find(spellings.input), output };
}

/**
 * Applies a mapping. Throws `BadInput` naming the column the file lacks, or the row that has no instruction, no
 * output, or nothing in either. A row without input gets an empty one; plain text has neither instruction nor input.
 */
export function toInstructionRows(
	table: Table,
	mapping: ColumnMapping,
	file: string,
): InstructionRow[] {
	for (const column of [mapping.instruction, mapping.input, mapping.output]) {
		if (column === null || table.columns.includes(column)) continue;
		throw badData(
			file,
			`there is no column "${column}"; the file has ${table.columns.join(', ')}: choose among them`,
		);
	}
	return table.rows.map((row, index) => {
		const cell = (column: string): string => {
			const text = row[column];
			if (text !== undefined) return text;
			throw badData(file, `row ${index + 1} has no "${column}"; add it or remove the row`);
		};
		const asked = mapping.instruction;
		const instruction = asked === null ? '' : cell(asked);
		const output = cell(mapping.output);
		if (instruction.trim() === '' && output.trim() === '') {
			const empty = [asked, mapping.output].filter((column) => column !== null);
			throw badData(
				file,
				`row ${index + 1} is empty in ${empty.map((column) => `"${column}"`).join(' and ')}; remove the row`,
			);
		}
		const hasInput = asked !== null && mapping.input !== null;
		return { instruction, input: hasInput ? (row[mapping.input] ?? '') : '', output };
	});
}
