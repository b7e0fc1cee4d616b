/** The head of a model is what its files hold. */
import { describe, expect, test } from 'vitest';
import { openModelFolder } from './folder.ts';
import { tensor, tensorsOf, tinyFolder, tinyLlama } from './testing.ts';

const tied = { ...tinyLlama, tie_word_embeddings: true };
const embedding = 'model.embed_tokens.weight';
const head = 'lm_head.weight';
const own = tensor(head, [8, 4]);
const open = (json: object, weights: Parameters<typeof tinyFolder>[1]) =>
	openModelFolder(tinyFolder(json, weights), 'tiny');
const rest = () => tensorsOf(tied).filter(({ name }) => name !== embedding);
const [matrix] = tensorsOf(tied);

describe('a config that ties the head', () => {
	test('is right where the files hold no head', async () => {
		const { config, tensors, notes } = await open(tied, tensorsOf(tied));
		expect(config.tiedEmbeddings).toBe(true);
		expect(tensors.names).not.toContain(head);
		expect(notes).toEqual([]);
	});

	test('is right where the head in the files equals the embedding, which is then all there is', async () => {
		const same = { ...own, data: matrix!.data };
		const { config, tensors, notes } = await open(tied, [...tensorsOf(tied), same]);
		expect(config.tiedEmbeddings).toBe(true);
		expect(tensors.names).not.toContain(head);
		expect(notes).toEqual([]);
	});

	test.each([
		['everywhere', own.data],
		['in its last number', matrix!.data.map((value, at) => (at === 31 ? -value : value))],
	])('gives way where the head in the files differs %s, and says so', async (_, data) => {
		const { config, tensors, notes } = await open(tied, [...tensorsOf(tied), { ...own, data }]);
		expect(config.tiedEmbeddings).toBe(false);
		expect(await tensors.read(head)).toEqual(data);
		expect(notes).toEqual([
			'config.json says that the head is the embedding ("tie_word_embeddings"); the files hold a head of its own, which is used.',
		]);
	});

	test('finds the one matrix under the name of the head', async () => {
		const { config, tensors, notes } = await open(tied, [...rest(), own]);
		expect(config.tiedEmbeddings).toBe(true);
		expect(await tensors.read(embedding)).toEqual(own.data);
		expect([...(await tensors.readRows(embedding, [1]))]).toEqual([...own.data.slice(4, 8)]);
		expect(tensors.names).toEqual([...rest().map(({ name }) => name), embedding]);
		expect(tensors.shape(embedding)).toEqual([8, 4]);
		const norm = 'model.norm.weight';
		expect(tensors.shape(norm)).toEqual([4]);
		expect(await tensors.read(norm)).toEqual(tensor(norm, [4]).data);
		expect([...(await tensors.readRows('model.layers.1.mlp.down_proj.weight', [3]))]).toEqual([
			...tensor('model.layers.1.mlp.down_proj.weight', [4, 6]).data.slice(18),
		]);
		expect(notes).toEqual([
			'The files hold no "model.embed_tokens.weight"; "lm_head.weight" is both, as config.json ties them.',
		]);
	});

	test('is refused with neither, and with a head of another size', async () => {
		await expect(open(tied, rest())).rejects.toThrow(/1 missing: model\.embed_tokens\.weight/);
		await expect(open(tied, [...tensorsOf(tied), tensor(head, [9, 4])])).rejects.toThrow(
			/lm_head\.weight \[9,4\], not \[8,4\]/,
		);
	});
});

test('a config that does not tie the head needs one in the files', async () => {
	const weights = tensorsOf(tinyLlama);
	expect((await open(tinyLlama, weights)).config.tiedEmbeddings).toBe(false);
	await expect(open(tinyLlama, weights.slice(0, -1))).rejects.toThrow(/1 missing: lm_head\.weight/);
});
