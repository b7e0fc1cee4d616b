import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Chat } from '../contract/library.ts';
import { createChatTemplate } from './chatTemplate.ts';
import { readMessages, readTools } from './chat.ts';
import { type JsonObject, parseJson } from './json.ts';
import { createTokenizer } from './tokenizer.ts';
import { tokenizeRow } from './tokenRows.ts';

interface Family {
	readonly template: string;
	readonly config: Readonly<Record<string, string>>;
	readonly rows: Readonly<
		Record<string, { text?: string; ids?: number[]; mask?: string; error?: string }>
	>;
}

/**
 * Templates of our own, made of what those of Llama 3, Qwen3, Mistral, SmolLM2 and Gemma are made of, and what transformers
 * 5.24 makes of chats with them and a small byte-level tokenizer: text, ids, and the assistant's tokens where the template
 * marks them.
 */
const fixture = JSON.parse(
	readFileSync(new URL('fixtures/chatTemplates.json', import.meta.url), 'utf8'),
) as { tokenizer: unknown; families: Record<string, Family>; chats: unknown };

const tokenizer = createTokenizer(fixture.tokenizer, {});
const cases = Object.entries(fixture.families).flatMap(([name, family]) =>
	Object.keys(family.rows).map((chat) => [name, chat, family] as const),
);
const chats = parseJson(JSON.stringify(fixture.chats)) as JsonObject;
const place = { file: 'chats.json', row: 0, column: 'messages' };

/** A chat of the fixture as a file with it would be read. */
function chatOf(name: string): Chat {
	const { messages, tools } = Object.fromEntries(chats.get(name) as JsonObject);
	const read = readTools(tools ?? null, place);
	return { messages: readMessages(messages!, place), ...(read ? { tools: read } : {}) };
}
const rowOf = (chat: Chat) => ({ instruction: '', input: '', output: '', chat });

describe.each(cases)('%s, %s', (_, name, { template: source, config, rows }) => {
	const chat = chatOf(name);
	const { text, ids, mask, error } = rows[name]!;
	const chatTemplate = createChatTemplate(source, config);
	const tokenize = (loss: 'all' | 'response') =>
		tokenizeRow(
			rowOf(chat),
			{ data: { template: 'chat', loss, rowTokens: 10000 }, tokenizer, endToken: 2, chatTemplate },
			'row 7',
		);

	if (error === undefined)
		test('is the text and the ids of transformers', () => {
			expect(chatTemplate.layOut(chat, 'row 7', 'all').text).toBe(text);
			const row = tokenize('all');
			expect([...row.ids]).toEqual(ids);
			expect(row.graded).toEqual([[0, Infinity]]);
		});
	else
		test('is refused with the row, as transformers refuses it', () => {
			expect(() => chatTemplate.layOut(chat, 'row 7', 'all')).toThrow(
				/^row 7: the chat template of the model says: /,
			);
			if (name === 'wrong') expect(() => chatTemplate.layOut(chat, 'row 7', 'all')).toThrow(error);
		});

	if (mask !== undefined)
		test("grades the assistant's tokens that transformers marks", () => {
			const { ids: found, graded } = tokenize('response');
			const marks = Array.from(found, (_id, at) =>
				graded.some(([from, to]) => at >= from && at < to) ? 1 : 0,
			);
			expect(marks.join('')).toBe(mask);
		});
});

/** A template without special tokens. */
const layouts = (template: string) => {
	const made = createChatTemplate(template, {});
	const layOut = (chat: Chat, where: string, loss: 'all' | 'response') =>
		made.layOut(chat, where, loss);
	return { layOut };
};

describe('the answers of a template that does not mark them', () => {
	const graded = (name: string, chat: Chat) => {
		const { template, config } = fixture.families[name]!;
		const { text, answers } = createChatTemplate(template, config).layOut(
			chat,
			'row 1',
			'response',
		);
		return answers.map((span) => text.slice(...span));
	};

	test.each([
		['llama3', 'turns', ['Gedhang, jambu, pelem.<|eot_id|>', 'Durèn.\n\nLan "salak".<|eot_id|>']],
		['mistral', 'turns', [' Gedhang, jambu, pelem. </s>', ' Durèn.\n\nLan "salak".</s>']],
		['smollm2', 'turns', ['Gedhang, jambu, pelem. <|im_end|>', 'Durèn.\n\nLan "salak".<|im_end|>']],
		['gemma', 'system', ['\n    4\n    <end_of_turn>']],
		['qwen3', 'one', ['<think>\n\n</think>\n\nBandung.<|im_end|>']],
		// The thoughts of the first turn are not in the text: its answer is found all the same.
		['qwen3', 'thought', ['4<|im_end|>', '<think>\nThree twice.\n</think>\n\n6<|im_end|>']],
	])('%s, %s', (name, chat, answers) => {
		expect(graded(name, chatOf(chat))).toEqual(answers);
	});

	test('are refused where they cannot be told', () => {
		const template = '{% for m in messages[::-1] %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
		const { layOut } = layouts(template);
		expect(layOut(chatOf('one'), 'row 3', 'all').text).toContain('user: Apa');
		expect(() => layOut(chatOf('one'), 'row 3', 'response')).toThrow(
			/^row 3: .*where message 2 begins and ends cannot be told.*grade every word/,
		);
	});
});

test('so many answers that telling them apart would take long are refused; all words may be graded', () => {
	const turns = Array.from({ length: 250 }, () => ({ role: 'assistant', content: 'yes' }));
	const messages = [{ role: 'user', content: 'no?' }, ...turns];
	const { layOut } = layouts(
		'{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}',
	);
	expect(() => layOut({ messages }, 'row 9', 'response')).toThrow(
		/^row 9: .*telling its 251 messages apart takes more than 2000000 steps; split the chat, or grade every word$/,
	);
	expect(layOut({ messages }, 'row 9', 'all').answers).toEqual([]);
	const some = { messages: messages.slice(0, 41) };
	expect(layOut(some, 'row 9', 'response').answers).toHaveLength(40);
}, 60_000);

test('refuses what is no template, and a truth value that it would print in another spelling', () => {
	expect(() => createChatTemplate('{% for m in messages %}', {})).toThrow(
		/^the chat template of the model cannot be read \(.*choose another/,
	);
	const chat: Chat = { messages: [{ role: 'assistant', tool_calls: [{ exact: true }] }] };
	const { layOut } = layouts('{{ messages[0].tool_calls[0].exact | string }}');
	expect(() => layOut(chat, 'row 1', 'all')).toThrow(/a truth value.*Python spells it/);
});

test('asks for the day as Python does', () => {
	const template = "{{ strftime_now('%Y-%m-%d') }}";
	const today = new Date();
	const text = createChatTemplate(template, {}).layOut(chatOf('one'), 'row 1', 'all').text;
	expect(Math.abs(Date.parse(text) - today.getTime())).toBeLessThan(2 * 86400e3);
});
