/** What a data file holds, before anything of it is stored; and its texts. */
import type { ColumnMapping } from '../contract/library.ts';
import type { DatasetPreview, MadeRows } from '../contract/dataApi.ts';
import { toInstructionRows } from '../data/alpaca.ts';
import { cellOf, isText, showCell, textOf } from '../data/cells.ts';
import type { ChatTemplate } from '../data/chatTemplate.ts';
import { guessMapping, whyNoGuess } from '../data/columnNames.ts';
import { readTable, type Table } from '../data/table.ts';

/** Rows a preview shows. */
const previewRows = 5;

/** See `DataApi.preview`. `openChat` gives the chat template of the chosen model, null where there is none. */
export async function previewFile(
	file: File,
	asked: ColumnMapping | undefined,
	openChat: () => Promise<ChatTemplate | null>,
): Promise<DatasetPreview> {
	const table = await readTable(file);
	const { columns, rows } = table;
	const mapping = asked ?? guessMapping(columns);
	const about = {
		rows: rows.length,
		columns,
		mapping,
		sample: rows
			.slice(0, previewRows)
			.map((row) =>
				Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, showCell(cell)])),
			),
	};
	if (!mapping) return { ...about, made: null, problem: whyNoGuess(columns, file.name) };
	try {
		return { ...about, made: await makeRows(table, mapping, file.name, openChat), problem: null };
	} catch (error) {
		if (!(error instanceof Error && error.name === 'BadInput')) throw error;
		return { ...about, made: null, problem: error.message };
	}
}

async function makeRows(
	table: Table,
	mapping: ColumnMapping,
	file: string,
	openChat: () => Promise<ChatTemplate | null>,
): Promise<MadeRows> {
	const { rows, leftOut } = toInstructionRows(table, mapping, file);
	const chat = rows[0]?.chat;
	const template = chat ? await openChat() : null;
	const first =
		chat && template ? template.layOut(chat, `${file}: the first chat`, 'all').text : null;
	return { chats: rows.some((row) => row.chat), leftOut, first };
}

/** See `DataApi.table`. */
export async function textTable(
	file: File,
	wanted: readonly string[] = [],
): Promise<Readonly<Record<string, string>>[]> {
	const { columns, rows } = await readTable(file);
	const texts = columns.filter(
		(column) => wanted.includes(column) || rows.every((row) => isText(cellOf(row, column))),
	);
	return rows.map((row, index) =>
		Object.fromEntries(
			texts.flatMap((column) => {
				const cell = cellOf(row, column);
				const place = { file: file.name, row: index, column };
				return cell === null ? [] : [[column, textOf(cell, place)] as const];
			}),
		),
	);
}
