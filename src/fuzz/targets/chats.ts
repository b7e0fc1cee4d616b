/** Chats: templates of models, and rows of messages. */
import { badFile } from '../../contract/errors.ts';
import type { Chat } from '../../contract/library.ts';
import { isChat, readMessages, readTools } from '../../data/chat.ts';
import { createChatTemplate } from '../../data/chatTemplate.ts';
import { isObject, JsonError, parseJson as parseCells } from '../../data/json.ts';
import { readTable } from '../../data/table.ts';
import { toInstructionRows } from '../../data/alpaca.ts';

import { byteMutators } from '../mutate/bytes.ts';
import { jinjaMutators } from '../mutate/jinja.ts';
import { jsonLine, jsonMutators } from '../mutate/json.ts';
import { type Bytes, claim, jsonBytes, type Target, utf8 } from '../target.ts';

const messages = [
	{ role: 'system', content: 'Wangsulana.' },
	{ role: 'user', content: 'Piye kabare?' },
	{ role: 'assistant', content: 'Apik.' },
	{ role: 'user', content: '2+2' },
	{ role: 'assistant', content: '4' },
];
const tools = [{ type: 'function', function: { name: 'etung', parameters: { type: 'object' } } }];

const chatMl =
	'{% for message in messages %}{{ "<|im_start|>" + message.role + "\\n" + message.content + "<|im_end|>\\n" }}{% endfor %}' +
	'{% if add_generation_prompt %}{{ "<|im_start|>assistant\\n" }}{% endif %}';
const marked =
	'{{ bos_token }}{% macro line(m) %}{{ m["role"] | upper }}: {{ m.content | trim }}{% endmacro %}\n' +
	'{%- for m in messages if m.content is defined %}{% if m.role == "assistant" %}{% generation %}{{ line(m) }}{% endgeneration %}' +
	'{% else %}{{ line(m) }}{% endif %}{% if not loop.last %}{{ "\\n" }}{% endif %}{% endfor %}';
const withTools =
	'{% set ns = namespace(n=0) %}{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% set ns.n = ns.n + 1 %}{% endfor %}{% endif %}' +
	'{{ ns.n }}{% for message in messages[::-1] | reverse %}[{{ message.role }}] {{ message.content }}\n{% endfor %}';

/** Lays the chat out as training does. */
function layOut(source: string, chat: Chat): void {
	const template = createChatTemplate(source, { bos_token: '<s>', eos_token: { content: '</s>' } });
	for (const loss of ['all', 'response'] as const) {
		const { text, answers } = template.layOut(chat, 'row 1', loss);
		claim(typeof text === 'string', 'it is no text');
		for (const [from, to] of answers)
			claim(0 <= from && from <= to && to <= text.length, 'an answer is outside its text');
	}
}

const decode = (bytes: Bytes, file: string): string => {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw badFile(file, 'not text in UTF-8; download it again');
	}
};

export const chatTemplate: Target = {
	name: 'chat-template',
	seeds: () => [chatMl, marked, withTools].map(utf8),
	mutators: [...byteMutators, ...jinjaMutators, ...jinjaMutators],
	read: async (bytes) => {
		await Promise.resolve();
		layOut(decode(bytes, 'chat_template.jinja'), { messages, tools });
	},
};

/** Messages of a row, and tools, under each template. */
export const chat: Target = {
	name: 'chat',
	seeds: () => [
		jsonBytes({ messages, tools }),
		jsonBytes({
			messages: [
				{ from: 'human', value: 'a' },
				{ from: 'gpt', value: [{ type: 'text', text: 'b' }] },
			],
			tools: null,
		}),
		jsonBytes({
			messages: [
				{ role: 'user', content: 'a', weight: 1 },
				{
					role: 'assistant',
					content: '',
					tool_calls: [{ function: { name: 'f' } }],
					reasoning: 'r',
				},
			],
			tools: JSON.stringify(tools),
		}),
	],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	read: async (bytes) => {
		await Promise.resolve();
		const row = parsed(decode(bytes, 'chat.json'));
		if (!isObject(row)) throw badFile('chat.json', 'no row');
		const place = { file: 'chat.json', row: 0, column: 'messages' };
		isChat(row.get('messages') ?? null);
		const read = readTools(row.get('tools') ?? null, place);
		const chat = {
			messages: readMessages(row.get('messages') ?? null, place),
			...(read ? { tools: read } : {}),
		};
		for (const source of [chatMl, marked, withTools]) layOut(source, chat);
	},
};

function parsed(text: string) {
	try {
		return parseCells(text);
	} catch (error) {
		if (error instanceof JsonError) throw badFile('chat.json', 'not JSON');
		throw error;
	}
}

/** Files of chats, read as rows to train on. */
export const chatRows: Target = {
	name: 'chat-rows',
	seeds: () => [
		utf8(
			[{ messages }, { messages: messages.slice(1) }].map((row) => JSON.stringify(row)).join('\n'),
		),
	],
	mutators: [...byteMutators, jsonLine, jsonLine, jsonLine],
	read: async (bytes) => {
		const table = await readTable(new File([bytes], 'chats.jsonl'));
		const mapping = { instruction: null, input: null, output: 'messages' };
		for (const { chat } of toInstructionRows(table, mapping, 'chats.jsonl').rows)
			if (chat) layOut(chatMl, chat);
	},
};
