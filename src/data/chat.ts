/** Chats out of cells: lists of messages as OpenAI and TRL have them (role, content) or ShareGPT (from, value). */
import type { ChatMessage } from '../contract/library.ts';
import { badCell, type Cell, kindOf, type Place, textOf } from './cells.ts';
import { isDigits, isList, isObject, type Json, type JsonObject, parseJson } from './json.ts';

/** ShareGPT's names. Others of it (`function_call`) have no counterpart in chat templates. */
const roles = new Map([
	...['human', 'user'].map((from) => [from, 'user'] as const),
	...['gpt', 'assistant', 'chatgpt', 'bing', 'bard', 'model'].map(
		(from) => [from, 'assistant'] as const,
	),
	['system', 'system'],
	...['tool', 'observation', 'function_response'].map((from) => [from, 'tool'] as const),
]);

const form = '[{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]';

/** Whether it is a list of messages. */
export const isChat = (cell: Cell): boolean =>
	isList(cell) &&
	cell.length > 0 &&
	cell.every((one) => isObject(one) && (one.has('role') || one.has('from')));

/**
 * The messages of a cell; a text (CSV knows nothing else) is parsed as JSON. Keys that are null are left out, as TRL does:
 * Arrow fills them in. Throws `BadInput` naming row, column and message where it is something else.
 */
export function readMessages(cell: Cell, place: Place): ChatMessage[] {
	const list = typeof cell === 'string' ? parsed(cell) : cell;
	if (!isChat(list))
		throw badCell(place, `this is ${kindOf(list)}, not a list of messages; write ${form}`);
	return (list as readonly JsonObject[]).map((message, index) =>
		readMessage(message, index + 1, place),
	);
}

function readMessage(message: JsonObject, number: number, place: Place): ChatMessage {
	const bad = (problem: string) => badCell(place, `message ${number}: ${problem}`);
	const isShareGpt = !message.has('role');
	const named = message.get(isShareGpt ? 'from' : 'role');
	if (typeof named !== 'string') throw bad(`it has no role; write ${form}`);
	const role = isShareGpt ? roles.get(named.toLowerCase()) : named;
	if (role === undefined)
		throw bad(`"${named}" is none of ${[...roles.keys()].join(', ')}; write it as one of them`);
	if (!isWhole(message.get('weight')))
		throw bad('a weight of its own is not supported; remove "weight", or the turn');
	const content = unwrapped(message.get(isShareGpt ? 'value' : 'content') ?? null);
	if (content === null && !message.get('tool_calls'))
		throw bad('it has no content; remove the row');
	const rest = [...message].filter(([key, value]) => !own.has(key) && value !== null);
	return {
		...Object.fromEntries(rest.map(([key, value]) => [key, plain(value, place)])),
		role,
		...(content === null ? {} : { content: textOf(content, place) }),
	};
}

/** Keys that do not go to the template as they are. */
const own = new Set(['role', 'from', 'content', 'value', 'weight']);

/** Whether a weight is that of any other turn. */
const isWhole = (weight: Json | undefined): boolean =>
	weight === undefined || weight === null || (isDigits(weight) && Number(weight.digits) === 1);

/** A content of one part of text is that text. Templates without parts would print the list. */
function unwrapped(content: Json): Json {
	if (!isList(content) || content.length !== 1) return content;
	const [only] = content;
	return isObject(only) && only.get('type') === 'text' ? (only.get('text') ?? null) : content;
}

/** The tools of a chat: a list of JSON schemas, or a text that holds it. Null where there are none. */
export function readTools(cell: Cell, place: Place): readonly unknown[] | null {
	if (cell === null || cell === '') return null;
	const list = typeof cell === 'string' ? parsed(cell) : cell;
	if (isList(list) && list.every(isObject))
		return list.length === 0 ? null : list.map((tool) => plain(tool, place));
	throw badCell(place, `this is ${kindOf(cell)}, not a list of tools as JSON schemas`);
}

function parsed(text: string): Json {
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

/** What a template sees. Numbers that JavaScript would spell in another way than Python are refused. */
function plain(value: Json, place: Place): unknown {
	if (isDigits(value)) {
		const number = Number(value.digits);
		if (String(number) === value.digits) return number;
		throw badCell(
			place,
			`the number ${value.digits} would reach the template as ${number}; write it as a text`,
		);
	}
	if (isObject(value))
		return Object.fromEntries([...value].map(([key, item]) => [key, plain(item, place)]));
	if (isList(value)) return value.map((item) => plain(item, place));
	return typeof value === 'string' ? textOf(value, place) : value;
}
