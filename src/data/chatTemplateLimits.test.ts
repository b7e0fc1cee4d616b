/** What a template sees of a chat, what is taken for an answer, and what is refused. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Chat, ChatMessage } from '../contract/library.ts';
import { createChatTemplate } from './chatTemplate.ts';

const one: ChatMessage[] = [
	{ role: 'user', content: 'a' },
	{ role: 'assistant', content: 'b' },
];
const layOut = (source: string, chat: Partial<Chat> = {}, config: unknown = {}) =>
	createChatTemplate(source, config).layOut({ messages: one, ...chat }, 'row 7', 'response');
const textOf = (...given: Parameters<typeof layOut>) => layOut(...given).text;
const answersOf = (...given: Parameters<typeof layOut>) => {
	const { text, answers } = layOut(...given);
	return answers.map((span) => text.slice(...span));
};
/** Marks are in it, so that answers need not be told otherwise. */
const unseen = '{% generation %}{% endgeneration %}';
const refused = (why: string) =>
	namedError('BadInput', `row 7: the chat template of the model says: ${why}`);

describe('what a template sees', () => {
	test.each<[string, unknown, string]>([
		['texts', { bos_token: '<s>', eos_token: '</s>' }, '<s></s>'],
		[
			'tokens',
			{ bos_token: { content: '<s>' }, eos_token: { content: '</s>', lstrip: false } },
			'<s></s>',
		],
		['one that is not set', { bos_token: null, eos_token: '</s>' }, '</s>'],
		['others', { bos_token: 3, eos_token: {}, Bos_token: 'x', bos_token_id: 1 }, ''],
		['no file', null, ''],
		['a text', 'bos_token', ''],
	])('special tokens: %s', (_, config, text) => {
		expect(textOf(`{{ bos_token }}{{ eos_token }}${unseen}`, {}, config)).toBe(text);
	});

	test('only what is named as a token', () => {
		const config = { my_bos_token: 'x', bos_token: 'y', bos_token_2: 'z', '1_token': 'w' };
		const source = `{{ my_bos_token }}{{ bos_token }}{{ bos_token_2 }}${unseen}`;
		expect(textOf(source, {}, config)).toBe('y');
	});

	test('tools and documents are none where there are none', () => {
		const source = `{{ tools is none }} {{ documents is none }} {{ add_generation_prompt }}${unseen}`;
		expect(textOf(source)).toBe('true true false');
		expect(textOf(source, { tools: [{ name: 'f' }] })).toBe('false true false');
	});

	test.each<[object, string]>([
		[{}, '-,-,-'],
		[{ reasoning: 'r' }, 'r,r,r'],
		[{ thinking: 't' }, 't,t,-'],
		[{ reasoning_content: 'c' }, 'c,c,-'],
		[{ thinking: 't', reasoning_content: 'c', reasoning: 'r' }, 't,c,r'],
		[{ reasoning_content: null, reasoning: '' }, ',,'],
	])('reasoning %j under the names that templates know: %s', (reasoning, text) => {
		const names = ['thinking', 'reasoning_content', 'reasoning'];
		const source = names.map((name) => `{{ messages[0].${name} | default('-') }}`).join(',');
		const messages = [{ role: 'assistant', content: 'b', ...reasoning }];
		expect(textOf(`${source}${unseen}`, { messages })).toBe(text);
	});
});

describe('answers that a template marks', () => {
	const all = (before: string, after: string) =>
		`{% for m in messages %}[ {% if m.role == 'assistant' %}${before} {{ m.content }} ${after}{% endif %} ]{% endfor %}`;

	test.each([
		['{% generation %}', '{% endgeneration %}', '[  ][  b  ]', ' b '],
		['{%generation%}', '{%endgeneration%}', '[  ][  b  ]', ' b '],
		['{%- generation -%}', '{%- endgeneration -%}', '[  ][ b ]', 'b'],
		['{%-  generation  %}', '{%  endgeneration  -%}', '[  ][  b  ]', ' b '],
	])('%s to %s', (before, after, text, answer) => {
		expect(textOf(all(before, after))).toBe(text);
		expect(answersOf(all(before, after))).toEqual([answer]);
	});

	test('are as many as are marked', () => {
		const source = all('{% generation %}', '{% endgeneration %}');
		expect(answersOf(source, { messages: [...one, ...one] })).toEqual([' b ', ' b ']);
		expect(answersOf(source, { messages: one.slice(0, 1) })).toEqual([]);
	});

	test.each(['\ufdd0', 'x\ufdd1'])('cannot be told in a text with %j', (content) => {
		const messages = [{ role: 'tool' }, { role: 'user', content }];
		expect(() => layOut(unseen, { messages })).toThrow(
			refused('a text holds U+FDD0 or U+FDD1, which are no characters; remove them'),
		);
		expect(textOf('{{ messages[1].content }}', { messages })).toBe(content);
	});
});

describe('answers that a template does not mark', () => {
	const turns = '{% for m in messages %}<{{ m.content }}> {% endfor %}';
	const prompt = '{% if add_generation_prompt %}<{% endif %}';

	test.each([
		['without a prompt', turns, ['<b>']],
		['behind the prompt', `${turns}${prompt}`, ['b>']],
	])('are what a turn adds, white space left out, %s', (_, source, answers) => {
		expect(answersOf(source)).toEqual(answers);
		expect(answersOf(source, { messages: one.slice(0, 1) })).toEqual([]);
		expect(answersOf(source, { messages: [...one, ...one] })).toEqual([...answers, ...answers]);
	});

	test('are none where every word is graded', () => {
		const { answers } = createChatTemplate(turns, {}).layOut({ messages: one }, 'row 7', 'all');
		expect(answers).toEqual([]);
	});

	const untold = (message: number) =>
		refused(
			`where message ${message} begins and ends cannot be told, and {% generation %} does not mark it; grade every word`,
		);
	test.each([
		['the prompt is in no text', `${turns}{% if add_generation_prompt %}?{% endif %}`],
		['a text begins with how many there are', `{{ messages | length }}${turns}`],
		[
			'only the last turn is there',
			'{{ messages[-1].content }}{% if messages | length == 1 %}?{% endif %}',
		],
	])('are refused where %s', (_, source) => {
		expect(() => layOut(source)).toThrow(untold(2));
	});

	test('are refused where the last turn is laid out in another way, and has no words to find', () => {
		const source =
			'{% for m in messages %}<{{ m.content }}{{ "!" if loop.last and m.role == "assistant" }}>{% endfor %}';
		const call = { role: 'assistant', tool_calls: [] };
		expect(answersOf(source)).toEqual(['<b!>']);
		expect(() => layOut(source, { messages: [one[0]!, call, one[0]!] })).toThrow(untold(2));
	});
});

describe('errors', () => {
	test('are cut to 500 characters', () => {
		expect(() => layOut(`{{ raise_exception('${'x'.repeat(600)}') }}`)).toThrow(
			refused('x'.repeat(500)),
		);
	});

	test('of what is no template say so', () => {
		expect(() => createChatTemplate('{{ 1', {})).toThrow(
			expect.objectContaining({
				name: 'BadInput',
				message: expect.stringMatching(
					/^the chat template of the model cannot be read \(.+\); choose another template for the rows$/,
				) as string,
			}),
		);
	});

	const truth =
		'a call or a tool holds a truth value, which this template prints as Python spells it (True); write it as a text';
	const deep = [
		{ role: 'assistant', content: 'b', tool_calls: [{ f: { x: [null, 'y', false] } }] },
	];

	test.each<[string, Partial<Chat>]>([
		['a call', { messages: deep }],
		['a tool', { tools: [{ strict: true }] }],
	])('tell a truth value of %s that is printed as a text', (_, chat) => {
		for (const filter of ['|string', '| string', '|  string '])
			expect(() => layOut(`{{ 1 ${filter} }}${unseen}`, chat)).toThrow(refused(truth));
	});

	test('are none where no truth value is printed', () => {
		expect(
			textOf(`{{ 1 | string }}${unseen}`, { tools: [{ strict: 'true', n: 1, no: null }] }),
		).toBe('1');
		expect(textOf(`{{ 'string' }}${unseen}`, { messages: deep })).toBe('string');
		expect(textOf(`{{ tools | tojson }}${unseen}`, { tools: [{ strict: true }] })).toBe(
			'[{"strict": true}]',
		);
	});
});
