/** Rows out of JSON: a list of objects, one object a line, columns as pandas and datasets write them, or a wrapped list. */
import type { Row } from './cells.ts';
import { guessMapping } from './columnNames.ts';
import {
	isList,
	isObject,
	type Json,
	JsonError,
	type JsonObject,
	parseJson,
	placeOf,
	writeJson,
} from './json.ts';
import { badData } from './text.ts';

export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

const records =
	'write a list of objects, one for each row (pandas: df.to_json(path, orient="records", force_ascii=False))';

/** Throws `BadInput` naming file, row or line where it is malformed, empty or not understood. */
export function parseJsonTable(text: string, file: string): Row[] {
	const lines = text.trimStart().startsWith('{') ? parseLines(text, file) : null;
	if (lines) return lines;
	let value: Json;
	try {
		value = parseJson(text);
	} catch (error) {
		if (!(error instanceof JsonError)) throw error;
		throw badData(file, `not valid JSON${placeOf(text, error)}; correct it there`);
	}
	if (isList(value)) return listRows(value, file);
	if (isObject(value)) return objectRows(value, file);
	throw badData(file, `the JSON is not an array of objects; ${records}`);
}

/** One object a line, blank lines skipped; null where the first line is not a value of its own. */
function parseLines(text: string, file: string): Row[] | null {
	const rows: Row[] = [];
	const lines = text.split(/\r\n|\n|\r/);
	const isOnly = lines.filter((line) => line.trim() !== '').length === 1;
	for (const [index, line] of lines.entries()) {
		if (line.trim() === '') continue;
		let value: Json;
		try {
			value = parseJson(line);
		} catch (error) {
			if (!(error instanceof JsonError)) throw error;
			if (rows.length === 0) return null;
			throw badData(
				file,
				`line ${index + 1} is not a JSON object${error.message === '' ? '' : ` (${error.message})`}; write an array of objects or one object per line`,
			);
		}
		if (isOnly) return null;
		rows.push(toRow(value, `line ${index + 1}`, file));
	}
	return rows;
}

function listRows(list: readonly Json[], file: string): Row[] {
	if (list.length === 0) throw badData(file, 'the JSON array is empty; choose a file with rows');
	return list.map((row, index) => toRow(row, `row ${index + 1}`, file));
}

function toRow(row: Json, where: string, file: string): Row {
	if (isObject(row)) return Object.fromEntries(row);
	const found = writeJson(row).slice(0, 40);
	throw badData(file, `${where} is ${found}, not an object with named columns; ${records}`);
}

/** Rows out of one object, by the shapes that pandas, datasets and question-answer sets write. */
function objectRows(object: JsonObject, file: string): Row[] {
	const values = [...object.values()];
	const { columns, data } = Object.fromEntries(object) as { columns?: Json; data?: Json };
	if (isList(columns) && isList(data) && data.every(isList)) return splitRows(columns, data, file);
	if (values.length > 0 && values.every(isObject)) return nestedRows(object, file);
	const lists = [...object].filter(([, value]) => isList(value));
	if (lists.length === object.size && !values.some(isChat)) {
		const [only] = lists;
		if (lists.length === 1 && only && isRecords(only[1])) return listRows(only[1] as Json[], file);
		if (!values.some(isRecords)) return zipColumns(object, file);
	}
	return wrappedRows(object, lists, file);
}

/** A list of rows beside facts about it; without one, the object is a row. Of several lists none is chosen. */
function wrappedRows(
	object: JsonObject,
	lists: readonly (readonly [string, Json])[],
	file: string,
): Row[] {
	const wrapped = lists.filter(([, value]) => isRecords(value) && !isChat(value));
	const [only] = wrapped;
	if (!only || guessMapping([...object.keys()])) return [Object.fromEntries(object)];
	if (wrapped.length === 1 && isList(only[1])) return listRows(only[1], file);
	const names = wrapped.map(([name]) => `"${name}"`).join(' and ');
	throw badData(file, `the JSON has rows in ${names}; save one of them as a list of its own`);
}

/** orient="split" of pandas. */
function splitRows(columns: readonly Json[], data: readonly Json[], file: string): Row[] {
	const names = columns.map((name) => (typeof name === 'string' ? name : writeJson(name)));
	return data.map((cells, index) => {
		if (isList(cells) && cells.length === names.length)
			return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? null]));
		throw badData(file, `row ${index + 1} does not have the ${names.length} values of "columns"`);
	});
}

/** pandas' own form, {column: {index: value}}, or orient="index", {index: {column: value}}: the index counts. */
function nestedRows(object: JsonObject, file: string): Row[] {
	const inner = [...object.values()].filter(isObject);
	const keys = [...(inner[0]?.keys() ?? [])];
	const [outerCounts, innerCounts] = [[...object.keys()], keys].map((names) =>
		names.every(isIndex),
	);
	const isAlike = inner.every(
		(one) => one.size === keys.length && keys.every((key) => one.has(key)),
	);
	if (outerCounts === innerCounts || keys.length === 0 || (innerCounts && !isAlike))
		throw badData(file, `the JSON is one object of objects, not rows; ${records}`);
	if (outerCounts) return inner.map((row) => Object.fromEntries(row));
	return keys.map((key) =>
		Object.fromEntries([...object].map(([name, one]) => [name, cellIn(one, key)])),
	);
}

const cellIn = (column: Json, key: string): Json =>
	isObject(column) ? (column.get(key) ?? null) : null;
const isIndex = (name: string): boolean => /^\d+$/.test(name);

/** {column: [values]}, as datasets has batches. */
function zipColumns(object: JsonObject, file: string): Row[] {
	const columns = [...object].map(([name, list]) => [name, isList(list) ? list : []] as const);
	const lengths = new Set(columns.map(([, list]) => list.length));
	const [length = 0] = lengths;
	if (lengths.size > 1)
		throw badData(
			file,
			`the columns have ${[...lengths].join(' and ')} values; a row needs one of each`,
		);
	if (length === 0) throw badData(file, 'the JSON has no rows; choose a file with rows');
	return Array.from({ length }, (_, row) =>
		Object.fromEntries(columns.map(([name, list]) => [name, list[row] ?? null])),
	);
}

const isRecords = (value: Json): boolean =>
	isList(value) && value.length > 0 && value.every(isObject);

/** Messages of one chat, which are a value of a row. */
const isChat = (value: Json): boolean =>
	isList(value) &&
	value.length > 0 &&
	value.every((one) => isObject(one) && (isName(one.get('role')) || isName(one.get('from'))));
const isName = (value: Json | undefined): boolean => typeof value === 'string';
