import { describe, expect, test } from 'vitest';
import { toInstructionRows } from './alpaca.ts';
import { guessMapping } from './columnNames.ts';
import { parseTable } from './table.ts';

/** The chats of a file as it would be imported. */
function chatsOf(text: string, file = 'chats.jsonl') {
	const table = parseTable(new TextEncoder().encode(text), file);
	const mapping = guessMapping(table.columns)!;
	return toInstructionRows(table, mapping, file).rows.map(({ chat }) => chat);
}
const line = (row: object) => JSON.stringify(row);

describe('chats', () => {
	test('of ShareGPT have the roles of chat templates', () => {
		const turns = ['system', 'human', 'gpt', 'user', 'chatgpt', 'observation'].map((from) => ({
			...{ from, value: `by ${from}` },
		}));
		const [chat] = chatsOf(line({ conversations: turns, id: 'x' }));
		expect(chat?.messages.map(({ role }) => role)).toEqual([
			...['system', 'user', 'assistant', 'user', 'assistant', 'tool'],
		]);
		expect(chat?.messages[1]).toEqual({ role: 'user', content: 'by human' });
	});

	test('keep what templates ask for, without what is null', () => {
		const call = { type: 'function', function: { name: 'f', arguments: { days: 2, half: 0.5 } } };
		const messages = [
			{ role: 'user', content: 'a', name: null },
			{ role: 'assistant', content: null, tool_calls: [call], weight: 1 },
			{ role: 'assistant', content: [{ type: 'text', text: 'b' }], reasoning_content: 'c' },
		];
		const tools = [{ type: 'function', function: { name: 'f' } }];
		const expected = {
			messages: [
				{ role: 'user', content: 'a' },
				{ role: 'assistant', tool_calls: [call] },
				{ role: 'assistant', content: 'b', reasoning_content: 'c' },
			],
			tools,
		};
		expect(chatsOf(line({ messages, tools }))).toEqual([expected]);
		// datasets keeps schemas as text.
		expect(chatsOf(line({ messages, tools: JSON.stringify(tools) }))).toEqual([expected]);
	});

	test('may stand in a CSV as JSON', () => {
		const cell = JSON.stringify([{ role: 'user', content: 'a, "b"' }]).replaceAll('"', '""');
		expect(chatsOf(`id,messages\n1,"${cell}"\n`, 'chats.csv')).toEqual([
			{ messages: [{ role: 'user', content: 'a, "b"' }] },
		]);
	});

	test.each<[string, object, RegExp]>([
		['a text', { messages: 'hello' }, /column "messages": this is a text, not a list of messages/],
		['an empty list', { messages: [] }, /this is a list of 0/],
		['texts', { messages: ['a'] }, /this is a list of 1/],
		['a role that is none', { messages: [{ role: 3, content: 'a' }] }, /message 1: it has no role/],
		[
			'a role of ShareGPT that is not known',
			{ conversations: [{ from: 'function_call', value: '{}' }] },
			/column "conversations": message 1: "function_call" is none of human, user/,
		],
		['no content', { messages: [{ role: 'user' }] }, /message 1: it has no content/],
		[
			'pictures',
			{ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image' }] }] },
			/a list of 2/,
		],
		[
			'half a pair',
			{ messages: [{ role: 'user', content: '\ud83d' }] },
			/row 1, column "messages": .*half a surrogate pair/,
		],
		[
			'a weight',
			{ messages: [{ role: 'assistant', content: 'a', weight: 0 }] },
			/a weight of its own is not supported/,
		],
		[
			'a completion that is a text',
			{ prompt: [{ role: 'user', content: 'a' }], completion: 'b' },
			/column "prompt": a list of 1/,
		],
		[
			'a prompt that is a text',
			{ prompt: 'a', completion: [{ role: 'assistant', content: 'b' }] },
			/column "prompt": this is no list of messages, but column "completion" is one/,
		],
		[
			'tools that are none',
			{ messages: [{ role: 'user', content: 'a' }], tools: ['f'] },
			/column "tools": this is a list of 1 .*, not a list of tools/,
		],
	])('are refused with row and column: %s', (_, row, message) => {
		// Two lines: one alone could be columns, or a wrapped list.
		const rows = `${line(row)}\n${line(row)}`;
		expect(() => chatsOf(rows)).toThrow(message);
		expect(() => chatsOf(rows)).toThrow(/^chats\.jsonl: row 1, column "/);
	});

	test('are refused where a number would reach the template in other digits', () => {
		const row = '{"messages":[{"role":"assistant","tool_calls":[{"x":1.0}]}]}';
		expect(() => chatsOf(row)).toThrow(/the number 1\.0 would reach the template as 1/);
	});
});
