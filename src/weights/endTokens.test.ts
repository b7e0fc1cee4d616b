/** Where a text ends is what all files of a folder say together. */
import { describe, expect, test } from 'vitest';
import { openModelFolder } from './folder.ts';
import { jsonSource, memorySource, tensorsOf, tinyFolder, tinyLlama } from './testing.ts';

const open = (config: object, others: Readonly<Record<string, unknown>> = {}) =>
	openModelFolder(tinyFolder({ ...tinyLlama, ...config }, tensorsOf(tinyLlama), others), 'tiny');
const ends = async (...given: Parameters<typeof open>) => (await open(...given)).config.eosTokenIds;
const noTokenizer = { 'tokenizer.json': null, 'tokenizer_config.json': null };

describe('end tokens', () => {
	test.each<[string, object, Readonly<Record<string, unknown>>, number[]]>([
		['of config.json', { eos_token_id: 2 }, {}, [2]],
		[
			'of generation_config.json beside it',
			{ eos_token_id: 2 },
			{ 'generation_config.json': { eos_token_id: [2, 5] } },
			[2, 5],
		],
		[
			'of generation_config.json, a single one',
			{ eos_token_id: [6, 7] },
			{ 'generation_config.json': { eos_token_id: 5 } },
			[6, 7, 5, 2],
		],
		[
			'of the tokenizer, an added token',
			{ eos_token_id: 7 },
			{ 'tokenizer_config.json': { eos_token: { content: '</s>', lstrip: false } } },
			[7, 2],
		],
		[
			'of the tokenizer, a word of its vocabulary',
			{ eos_token_id: null },
			{ 'tokenizer_config.json': { eos_token: '<end>' } },
			[4],
		],
		[
			'of the tokenizer in place of the default of the family',
			{},
			{ 'tokenizer_config.json': { eos_token: '<end>' } },
			[4],
		],
		[
			'of special_tokens_map.json, before tokenizer_config.json',
			{ eos_token_id: 7 },
			{ 'special_tokens_map.json': { eos_token: { content: '<end>' } } },
			[7, 4],
		],
		[
			'not of special_tokens_map.json where tokenizer_config.json lists its added tokens',
			{ eos_token_id: 7 },
			{
				'tokenizer_config.json': { eos_token: '</s>', added_tokens_decoder: {} },
				'special_tokens_map.json': { eos_token: '<end>' },
			},
			[7, 2],
		],
		[
			'of a unigram vocabulary',
			{ eos_token_id: 7 },
			{
				'tokenizer.json': {
					model: {
						type: 'Unigram',
						vocab: [
							['a', 0],
							['</s>', -1],
						],
					},
				},
			},
			[7, 1],
		],
		['not beyond the vocabulary', { eos_token_id: [8, -1, 3] }, {}, [3, 2]],
		['none', { eos_token_id: null }, { 'tokenizer_config.json': {} }, []],
	])('%s', async (_, config, others, expected) => {
		expect(await ends(config, others)).toEqual(expected);
	});

	test('are those of the family where no file names one', async () => {
		const files = tinyFolder(tinyLlama, tensorsOf(tinyLlama), noTokenizer);
		const folder = await openModelFolder(files, 'tiny', 'weights');
		expect(folder.config.eosTokenIds).toEqual([2]);
	});

	test('that differ, never occur or are unknown are told', async () => {
		const { notes } = await open(
			{ eos_token_id: [3, 99], bos_token_id: 3 },
			{
				'generation_config.json': { eos_token_id: [3, 5] },
				'tokenizer_config.json': { bos_token: '<s>', eos_token: '<gone>' },
			},
		);
		expect(notes).toEqual([
			expect.stringMatching(/"<gone>" as "eos_token", which tokenizer\.json does not have/),
			expect.stringMatching(/config\.json names 3, 99, generation_config\.json 5; .* any of them/),
			expect.stringMatching(/Begin token: config\.json names 3, tokenizer_config\.json 1/),
			expect.stringMatching(/end token 99 is outside the vocabulary of 8/),
		]);
		expect((await open({ eos_token_id: 7 })).notes).toEqual([
			expect.stringMatching(/Rows of data end with the tokenizer's/),
		]);
		expect((await open({ bos_token_id: 1, eos_token_id: [2, 5] })).notes).toEqual([]);
	});

	test('come without a file that is damaged and was never read before', async () => {
		const broken = memorySource('generation_config.json', new TextEncoder().encode('{'));
		const { config, notes } = await openModelFolder([...tinyFolder(), broken], 'tiny');
		expect(config.eosTokenIds).toEqual([2]);
		expect(notes).toEqual([expect.stringMatching(/^Not used: generation_config\.json: not valid/)]);
	});
});

test('a file that names very many end tokens is told in one line', async () => {
	const many = Array.from({ length: 500 }, (_, index) => 100_000 + index);
	const { notes } = await open(
		{ eos_token_id: 2 },
		{ 'generation_config.json': { eos_token_id: many } },
	);
	const first = '100000, 100001, 100002, 100003, 100004, 100005, 100006, 100007 and 492 more';
	expect(notes.filter((note) => note.includes('1000'))).toEqual([
		`End tokens: config.json names 2, generation_config.json ${first}; a text ends at any of them.`,
		expect.stringMatching(
			`^The end tokens ${first} are outside the vocabulary of \\d+ and never occur\\.$`,
		) as string,
	]);
});

describe('the chat template', () => {
	const text = (name: string, content: string) =>
		memorySource(name, new TextEncoder().encode(content));
	const configured = (chat_template: unknown) =>
		tinyFolder(tinyLlama, tensorsOf(tinyLlama), { 'tokenizer_config.json': { chat_template } });
	const template = async (files: ReturnType<typeof tinyFolder>) =>
		(await openModelFolder(files, 'tiny')).chatTemplate;

	test('is that of its file, else of tokenizer_config.json, else of chat_template.json', async () => {
		const jinja = text('chat_template.jinja', 'one');
		const legacy = jsonSource('chat_template.json', { chat_template: 'three' });
		expect(await template([...configured('two'), jinja, legacy])).toBe('one');
		expect(await template([...configured('two'), legacy])).toBe('two');
		expect(await template([...configured(null), legacy])).toBe('three');
		expect(await template(tinyFolder())).toBeNull();
	});

	test('is the default of several', async () => {
		const named = [
			{ name: 'tool_use', template: 'no' },
			{ name: 'default', template: 'yes' },
		];
		expect(await template(configured(named))).toBe('yes');
		expect(await template(configured({ default: 'yes', tool_use: 'no' }))).toBe('yes');
		expect(await template(configured(named.slice(0, 1)))).toBeNull();
	});
});
