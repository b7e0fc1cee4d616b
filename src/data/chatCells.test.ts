/** Cells that hold messages or tools, and what is said of those that do not. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Cell } from './cells.ts';
import { isChat, readMessages, readTools } from './chat.ts';
import { parseJson } from './json.ts';

const place = { file: 'x.json', row: 1, column: 'messages' };
const badInput = (why: string) =>
	namedError('BadInput', `x.json: row 2, column "messages": ${why}`);
const cell = (value: unknown): Cell => parseJson(JSON.stringify(value));
const read = (value: unknown) => readMessages(cell(value), place);

const form = '[{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]';

test.each<[unknown, boolean]>([
	[[{ role: 'user' }], true],
	[[{ from: 'human' }], true],
	[[{ role: 'user' }, { from: 'human' }], true],
	[[{ role: 'user' }, { content: 'a' }], false],
	[[{ role: 'user' }, 'a'], false],
	[[], false],
	[{ role: 'user' }, false],
	['a', false],
])('%j is a chat: %s', (value, is) => {
	expect(isChat(cell(value))).toBe(is);
});

describe('messages', () => {
	test.each([
		...[['human', 'user'] as const, ['user', 'user'] as const, ['Human', 'user'] as const],
		...['gpt', 'assistant', 'chatgpt', 'bing', 'bard', 'model'].map(
			(from) => [from, 'assistant'] as const,
		),
		['system', 'system'] as const,
		...['tool', 'observation', 'function_response'].map((from) => [from, 'tool'] as const),
	])('of ShareGPT: %s is the %s', (from, role) => {
		expect(read([{ from, value: 'a', content: 'b' }])).toEqual([{ role, content: 'a' }]);
	});

	test('have any role where they are named by it', () => {
		expect(read([{ role: 'Critic', content: 'a', value: 'b', from: 'gpt' }])).toEqual([
			{ role: 'Critic', content: 'a' },
		]);
	});

	test.each<[object, object]>([
		[{ content: 'a', weight: 1 }, { content: 'a' }],
		[{ content: 'a', weight: null }, { content: 'a' }],
		[{ content: '' }, { content: '' }],
		[{ content: 7 }, { content: '7' }],
		[{ content: [{ type: 'text', text: 'a' }] }, { content: 'a' }],
		[
			{ tool_calls: [{ n: [1, -0.5], ok: true, no: null }] },
			{ tool_calls: [{ n: [1, -0.5], ok: true, no: null }] },
		],
		[{ content: null, tool_calls: [] }, { tool_calls: [] }],
		[
			{ content: 'a', name: 'b', tool_calls: null },
			{ content: 'a', name: 'b' },
		],
	])('%j keeps what templates ask for', (message, kept) => {
		expect(read([{ role: 'user', ...message }])).toEqual([{ role: 'user', ...kept }]);
	});

	test('may be a text that holds them', () => {
		expect(read('[{"role":"user","content":"a"}]')).toEqual([{ role: 'user', content: 'a' }]);
	});

	test('with a weight of one, however it is spelled', () => {
		const text = '[{"role":"user","content":"a","weight":1.0}]';
		expect(readMessages(text, place)).toEqual([{ role: 'user', content: 'a' }]);
	});

	const noContent = 'it has no content; remove the row';
	const weight = 'a weight of its own is not supported; remove "weight", or the turn';
	test.each<[unknown, string]>([
		['{', `this is a text, not a list of messages; write ${form}`],
		[[], `this is a list of 0 ([]), not a list of messages; write ${form}`],
		[{ role: 'user' }, `this is an object (role), not a list of messages; write ${form}`],
		[
			[
				{ role: 'user', content: 'a' },
				{ role: 3, content: 'a' },
			],
			`message 2: it has no role; write ${form}`,
		],
		[[{ from: null }], `message 1: it has no role; write ${form}`],
		[
			[{ from: 'poet', value: 'a' }],
			'message 1: "poet" is none of human, user, gpt, assistant, chatgpt, bing, bard, model, system, tool, observation, function_response; write it as one of them',
		],
		[[{ role: 'user', content: 'a', weight: 2 }], `message 1: ${weight}`],
		[[{ role: 'user', content: 'a', weight: '1' }], `message 1: ${weight}`],
		[[{ role: 'user' }], `message 1: ${noContent}`],
		[[{ role: 'user', tool_calls: null }], `message 1: ${noContent}`],
		[[{ role: 'user', content: [{ type: 'text' }] }], `message 1: ${noContent}`],
		[
			[{ role: 'user', content: [{ type: 'image', text: 'a' }] }],
			'a list of 1 ([{"type":"image","text":"a"}]), not a text; write one text in every row (of several answers, such as preferences, the one to be learned)',
		],
		[
			[{ role: 'user', content: 'a', x: [{ y: '\ud83d' }] }],
			'the text has half a surrogate pair (\\ud800 to \\udfff), which is no character; correct it or remove the row',
		],
	])('refuses %j', (value, why) => {
		expect(() => read(value)).toThrow(badInput(why));
	});

	test.each([
		['1.0', '1'],
		['1e5', '100000'],
		['9007199254740993', '9007199254740992'],
	])('refuses the number %s, which a template would see as %s', (digits, seen) => {
		const text = `[{"role":"user","content":"a","n":${digits}}]`;
		expect(() => readMessages(text, place)).toThrow(
			badInput(`the number ${digits} would reach the template as ${seen}; write it as a text`),
		);
	});
});

describe('tools', () => {
	const schemas = [{ name: 'f', strict: true }, { name: 'g' }];

	test.each<[Cell, readonly object[] | null]>([
		[null, null],
		['', null],
		['[]', null],
		[[], null],
		[cell(schemas), schemas],
		[JSON.stringify(schemas), schemas],
	])('of %o', (value, tools) => {
		expect(readTools(value, place)).toEqual(tools);
	});

	test.each<[unknown, string]>([
		['f', 'a text'],
		['{"name":"f"}', 'a text'],
		[{ name: 'f' }, 'an object (name)'],
		[[{ name: 'f' }, 'g'], 'a list of 2 ([{"name":"f"},"g"])'],
	])('refuses %j', (value, kind) => {
		expect(() => readTools(cell(value), place)).toThrow(
			badInput(`this is ${kind}, not a list of tools as JSON schemas`),
		);
	});
});
