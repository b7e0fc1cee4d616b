import { describe, expect, test } from 'vitest';
import type { DataSpec } from '../contract/spec.ts';
import { createChatTemplate } from './chatTemplate.ts';
import { prepareData, type PrepareInput } from './prepare.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Characters as tokens; 1 is in front of plain texts. */
const characters: TextTokenizer = {
	...{ vocabularySize: 1000, bosTokenId: 1, eosTokenId: 2, idOf: () => null },
	encode: (text, { special }) => [
		...(special ? [1] : []),
		...Array.from(text, (character) => character.charCodeAt(0)),
	],
	decode: () => '',
};

const chat = {
	messages: [
		{ role: 'user', content: 'a' },
		{ role: 'assistant', content: 'bc' },
	],
};
const chats = [chat, chat].map((one) => ({ instruction: '', input: '', output: '', chat: one }));
const source =
	'{% for m in messages %}<{{ m.content }}>{% endfor %}{% if add_generation_prompt %}<{% endif %}';
const chatTemplate = createChatTemplate(source, {});
const change: DataSpec = {
	...{ dataset: 'd', rows: null, template: 'chat', loss: 'response', packing: 'rows' },
	...{ rowTokens: 15, sequenceLength: 16, order: 'sequential' },
	heldOut: { rows: 0, sequences: null },
};
const prepare = (data: Partial<DataSpec>, input: Partial<PrepareInput> = {}) =>
	prepareData(
		{
			...{ name: 'pairs', rows: chats, data: { ...change, ...data }, tokenizer: characters },
			...{ endToken: 2, contextLength: 512, chatTemplate: null },
			...input,
		},
		() => undefined,
	);

describe('chats', () => {
	test('have the tokens of the template and no others, graded in the turns of the assistant', async () => {
		const { train, tokens } = await prepare(change, { rows: chats, chatTemplate });
		const text = Array.from('<a><bc>', (character) => character.charCodeAt(0));
		expect([...train.inputIds.slice(0, 8)]).toEqual([...text, 2]);
		const no = Array.from({ length: 3 }, () => -100);
		expect([...train.targets.slice(0, 8)]).toEqual([...no, ...text.slice(4), -100, -100]);
		expect(tokens).toBe(14);
	});

	test('of instruction rows are a turn each, the input below', async () => {
		const asked = [{ instruction: 'i', input: 'c', output: 'o' }];
		const { train } = await prepare({ ...change, loss: 'all' }, { rows: asked, chatTemplate });
		expect(String.fromCharCode(...train.inputIds.slice(0, 8))).toBe('<i\nc><o>');
	});

	test.each<[string, Partial<DataSpec>, Partial<PrepareInput>, RegExp]>([
		['without a template of the model', change, { rows: chats }, /the model has no chat template/],
		[
			'with another template',
			{ template: 'stanford' },
			{},
			/"pairs", row 1 is a chat.*choose the template "chat"/,
		],
		[
			'of plain text',
			change,
			{ rows: [{ instruction: '', input: '', output: 'x' }], chatTemplate },
			/"pairs", row 1 asks nothing/,
		],
		[
			'that the template refuses',
			change,
			{ rows: chats, chatTemplate: createChatTemplate("{{ raise_exception('No turns') }}", {}) },
			/"pairs", row 1: the chat template of the model says: No turns/,
		],
	])('%s are refused', async (_, asked, input, message) => {
		await expect(prepare(asked, input)).rejects.toThrow(message);
		await expect(prepare(asked, input)).rejects.toMatchObject({ name: 'BadInput' });
	});
});
