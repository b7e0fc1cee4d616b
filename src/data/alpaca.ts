/** Training rows out of a table: instruction, input and output, plain text, or chats. */
import { countLeftOut, type LeftOut, type LeftOutRow, leftOutText } from '../contract/leftOut.ts';
import type { ColumnMapping, InstructionRow } from '../contract/library.ts';
import { badCell, type Cell, cellOf, type Place, type Row, textOf } from './cells.ts';
import { isChat, readMessages, readTools } from './chat.ts';
import { isChatColumn } from './columnNames.ts';
import type { Table } from './table.ts';
import { badData } from './text.ts';

export interface TrainingRows {
	readonly rows: readonly InstructionRow[];
	/** Rows of the table without anything to learn. */
	readonly leftOut: LeftOut;
}

/**
 * Applies a mapping. A row whose output is missing, null or blank teaches nothing, and one whose instruction is missing or
 * null has nothing to answer: they are left out and counted. Lists of messages (TRL, OpenAI, ShareGPT) become chats, with
 * the tools of a column `tools`. A row without input gets an empty one; plain text has neither instruction nor input.
 * Throws `BadInput` naming the column the file lacks, or the row and column of a value that is no text, or where nothing
 * is left.
 */
export function toInstructionRows(
	table: Table,
	mapping: ColumnMapping,
	file: string,
): TrainingRows {
	for (const column of [mapping.instruction, mapping.input, mapping.output]) {
		if (column === null || table.columns.includes(column)) continue;
		throw badData(
			file,
			`there is no column "${column}"; the file has ${table.columns.join(', ')}: choose among them`,
		);
	}
	const rows: InstructionRow[] = [];
	const without: LeftOutRow[] = [];
	for (const [index, row] of table.rows.entries()) {
		const read = readRow(row, mapping, { file, row: index });
		if (typeof read === 'string') without.push({ row: index + 1, why: read });
		else rows.push(read);
	}
	const leftOut = countLeftOut(table.rows.length, without);
	if (rows.length === 0)
		throw badData(
			file,
			`${leftOutText(leftOut)}; fill "${mapping.output}" or choose another column`,
		);
	return { rows, leftOut };
}

/** A row, or why it is left out. */
function readRow(
	row: Row,
	mapping: ColumnMapping,
	at: Omit<Place, 'column'>,
): InstructionRow | string {
	const asked = mapping.instruction;
	const output = cellOf(row, mapping.output);
	if (isBlank(output)) return nothing(mapping);
	const place = { ...at, column: mapping.output };
	if (isChat(output) || isChatColumn(mapping.output)) return chatRow(row, mapping, output, place);
	if (asked === null) return { instruction: '', input: '', output: textOf(output, place) };
	const instruction = cellOf(row, asked);
	if (instruction === null) return 'without an instruction';
	return {
		instruction: textOf(instruction, { ...at, column: asked }),
		input:
			mapping.input === null
				? ''
				: textOf(cellOf(row, mapping.input), { ...at, column: mapping.input }),
		output: textOf(output, place),
	};
}

/** What a row without an output is without. */
function nothing({ instruction, output }: ColumnMapping): string {
	if (instruction !== null) return 'without an output';
	return isChatColumn(output) ? 'without messages' : 'without a text';
}

const isBlank = (cell: Cell): boolean =>
	cell === null || (typeof cell === 'string' && cell.trim() === '');

/** A chat of one column, or of a prompt and its completion (TRL's conversational prompt-completion rows). */
function chatRow(row: Row, mapping: ColumnMapping, output: Cell, place: Place): InstructionRow {
	const asked = mapping.instruction;
	const prompt = asked === null ? null : cellOf(row, asked);
	const column = asked ?? mapping.output;
	if (asked !== null && !isChat(prompt))
		throw badCell(
			{ ...place, column },
			`this is no list of messages, but column "${mapping.output}" is one; write both as messages`,
		);
	const before = prompt === null ? [] : readMessages(prompt, { ...place, column });
	const messages = [...before, ...readMessages(output, place)];
	const tools = readTools(cellOf(row, 'tools'), { ...place, column: 'tools' });
	const chat = tools ? { messages, tools } : { messages };
	return { instruction: '', input: '', output: '', chat };
}
