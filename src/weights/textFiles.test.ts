/** Tokenizer and template files: which counts, and which may be damaged. */
import { expect, test } from 'vitest';
import { jsonSource, memorySource } from './testing.ts';
import { readTextFiles } from './textFiles.ts';

const text = (name: string, content: string) =>
	memorySource(name, new TextEncoder().encode(content));
const config = (content: unknown) => jsonSource('tokenizer_config.json', content);
const map = (content: unknown) => jsonSource('special_tokens_map.json', content);

test('of an empty folder nothing is known', async () => {
	expect(await readTextFiles([])).toEqual({
		...{ tokenizerJson: null, tokenizerConfig: {}, generationConfig: null },
		...{ chatTemplate: null, notes: [] },
	});
});

test('every file has its place', async () => {
	const files = [
		...[jsonSource('tokenizer.json', { a: 1 }), config({ b: 2 }), map({ c: 3 })],
		...[jsonSource('generation_config.json', { d: 4 }), text('chat_template.jinja', 'e')],
	];
	expect(await readTextFiles(files)).toEqual({
		...{ tokenizerJson: { a: 1 }, tokenizerConfig: { b: 2, c: 3 }, generationConfig: { d: 4 } },
		...{ chatTemplate: 'e', notes: [] },
	});
});

test.each([
	[{ a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
	[{ b: 1, added_tokens_decoder: {} }, { b: 2 }, { b: 1, added_tokens_decoder: {} }],
	[{ b: 1 }, [2], { b: 1 }],
	[{ b: 1 }, 'x', { b: 1 }],
	[{ b: 1 }, null, { b: 1 }],
	[[1], { b: 2 }, [1]],
])('tokenizer_config.json %j with special tokens %j is %j', async (own, special, expected) => {
	expect((await readTextFiles([config(own), map(special)])).tokenizerConfig).toEqual(expected);
});

test('files of generation and special tokens that are damaged are not used, which is told', async () => {
	const files = [text('generation_config.json', '{'), text('special_tokens_map.json', '')];
	const { generationConfig, tokenizerConfig, notes } = await readTextFiles(files);
	expect([generationConfig, tokenizerConfig]).toEqual([null, {}]);
	expect(notes).toEqual([
		'Not used: special_tokens_map.json: the file is empty; download it again.',
		expect.stringMatching(/^Not used: generation_config\.json: not valid JSON .*correct it\.$/),
	]);
});

test.each(['tokenizer.json', 'tokenizer_config.json', 'chat_template.json'])(
	'%s that is damaged is refused',
	async (name) => {
		await expect(readTextFiles([text(name, '{')])).rejects.toThrow(`${name}: not valid JSON`);
	},
);

test.each<[unknown, string | null]>([
	[{}, null],
	['x', null],
	[{ chat_template: 'a' }, 'a'],
	[{ chat_template: '' }, ''],
	[{ chat_template: [{ name: 'default', template: 'a' }] }, 'a'],
	[{ chat_template: [] }, null],
	[{ chat_template: { default: 'a', other: 'b' } }, 'a'],
	[{ chat_template: { other: 'b' } }, null],
])('chat_template.json of %j has the template %j', async (content, expected) => {
	const read = readTextFiles([jsonSource('chat_template.json', content)]);
	if (content === 'x')
		await expect(read).rejects.toThrow(
			'chat_template.json: "chat_template" is neither a text nor several with names; correct it',
		);
	else expect((await read).chatTemplate).toBe(expected);
});

test.each<[unknown]>([
	[7],
	[[7]],
	[[{ name: 'default' }]],
	[[{ template: 'a' }]],
	[{ default: 7 }],
])('a template of %j is refused, naming the file', async (chat_template) => {
	await expect(readTextFiles([config({ chat_template })])).rejects.toThrow(
		'tokenizer_config.json: "chat_template" is neither a text nor several with names; correct it',
	);
});

test('a tokenizer_config.json of null is refused, special tokens or not', async () => {
	for (const files of [[config(null)], [config(null), map({ a: 1 })]])
		await expect(readTextFiles(files)).rejects.toMatchObject({ name: 'BadInput' });
});

test('a template in tokenizer_config.json leaves chat_template.json unread', async () => {
	const files = [
		config({ chat_template: 'a' }),
		jsonSource('chat_template.json', { chat_template: 'b' }),
	];
	expect((await readTextFiles(files)).chatTemplate).toBe('a');
});
