/** Instruction data: which columns of a table are instruction, input and output. */
import type { ColumnMapping, InstructionRow } from '../contract/library.ts';
import { badData, type Table } from './table.ts';

/** Spellings in use, the usual one first (Alpaca, Dolly, OpenAI fine-tuning, question-answer sets). */
const spellings = {
	instruction: ['instruction', 'prompt', 'question', 'query', 'instruksi', 'pertanyaan'],
	input: ['input', 'context', 'konteks', 'masukan'],
	output: ['output', 'response', 'completion', 'answer', 'target', 'keluaran', 'jawaban'],
} as const;

/** The mapping that the column names suggest; null where instruction or output cannot be told. */
export function guessMapping(columns: readonly string[]): ColumnMapping | null {
	const find = (names: readonly string[]): string | null => {
		for (const name of names) {
			const found = columns.find((column) => column.trim().toLowerCase() === name);
			if (found !== undefined) return found;
		}
		return null;
	};
	const instruction = find(spellings.instruction);
	const output = find(spellings.output);
	if (instruction === null || output === null) return null;
	return { instruction, input: find(spellings.input), output };
}

/**
 * Applies a mapping. Throws `BadInput` naming the column the file lacks, or the row that has no instruction, no
 * output, or nothing in either. A row without input gets an empty one.
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
		const instruction = cell(mapping.instruction);
		const output = cell(mapping.output);
		if (instruction.trim() === '' && output.trim() === '') {
			throw badData(
				file,
				`row ${index + 1} is empty in "${mapping.instruction}" and "${mapping.output}"; remove the row`,
			);
		}
		return {
			instruction,
			input: mapping.input === null ? '' : (row[mapping.input] ?? ''),
			output,
		};
	});
}
