/** Which files of a folder belong to a model, and how a file is read. */
import { describe, expect, test } from 'vitest';
import { fileSource, insideFolder, openModelFolder } from './folder.ts';
import { jsonSource, memorySource, tensor, tensorsOf, tinyFolder, tinyLlama } from './testing.ts';

const named = (...names: string[]) => names.map((name) => memorySource(name, new Uint8Array(1)));
const inside = (...names: string[]) => insideFolder(named(...names), 'x').map(({ name }) => name);

describe('the folder of a model', () => {
	test('is that of the shallowest config.json', () => {
		expect(inside('a/config.json', 'a/b/config.json', 'a/w.bin', 'c.txt')).toEqual([
			...['config.json', 'b/config.json', 'w.bin'],
		]);
		expect(inside('z/y/config.json', 'config.json', 'w.bin')).toEqual([
			...['z/y/config.json', 'config.json', 'w.bin'],
		]);
		expect(inside('a/xconfig.json', 'b/config.json', 'c/config.json.bak')).toEqual(['config.json']);
	});

	test('keeps the bytes of its files', async () => {
		const [, file] = insideFolder(
			[...named('m/config.json'), memorySource('m/a', Uint8Array.of(1, 2, 3))],
			'x',
		);
		expect(file).toMatchObject({ name: 'a', size: 3 });
		expect([...(await file!.read(1, 3))]).toEqual([2, 3]);
	});

	test('is refused where there is none, or several', () => {
		expect(() => inside('a/xconfig.json')).toThrow(
			'config.json: not among the files of "x"; choose the folder that holds it',
		);
		expect(() => inside('b/config.json', 'a/config.json')).toThrow(
			'x: several models (b/, a/); choose the folder of one of them',
		);
	});

	test('needs a tokenizer, but where only weights are asked for', async () => {
		const files = tinyFolder(tinyLlama, tensorsOf(tinyLlama), { 'tokenizer.json': null });
		await expect(openModelFolder(files, 'tiny')).rejects.toMatchObject({ name: 'BadInput' });
		await expect(openModelFolder(files, 'tiny')).rejects.toThrow(
			'tokenizer.json: not among the files of "tiny"; choose the folder that holds it',
		);
		const folder = await openModelFolder(files, 'tiny', 'weights');
		expect(folder).toMatchObject({ name: 'tiny', tokenizerJson: null, chatTemplate: null });
	});
});

test('what an index names beyond the model, and keys that are not used, are told', async () => {
	const [weights, ...rest] = tinyFolder({ ...tinyLlama, novel: 1 }, tensorsOf(tinyLlama));
	const shard = { ...weights!, name: 'model-1.safetensors' };
	const notes = async (...stale: string[]) => {
		const weight_map = Object.fromEntries(
			[...stale, 'model.norm.weight'].map((name) => [name, shard.name]),
		);
		const index = jsonSource('model.safetensors.index.json', { weight_map });
		return (await openModelFolder([...rest, shard, index], 'tiny')).notes;
	};
	const unknown = expect.stringMatching(/^config\.json: "novel" is not known/) as unknown;
	const place =
		'model.safetensors.index.json places it in model-1.safetensors, which does not hold it. The model does not need it.';
	expect(await notes()).toEqual([unknown]);
	expect(await notes('a')).toEqual([unknown, `"a": ${place}`]);
	expect(await notes('a', 'b', 'c')).toEqual([unknown, `"a", and 2 more: ${place}`]);
});

test('a head that is not used is told before all else', async () => {
	const tied = { ...tinyLlama, tie_word_embeddings: true };
	const own = tensor('lm_head.weight', [8, 4]);
	const { notes, config } = await openModelFolder(
		tinyFolder(tied, [...tensorsOf(tied), own]),
		'tiny',
	);
	expect(config.tiedEmbeddings).toBe(false);
	expect(notes).toEqual([
		'config.json says that the head is the embedding ("tie_word_embeddings"); the files hold a head of its own, which is used.',
	]);
});

describe('a file', () => {
	const file = new File([Uint8Array.of(1, 2, 3, 4)], 'w.bin');

	test('has the path inside the folder that was chosen', () => {
		expect(fileSource(file)).toMatchObject({ name: 'w.bin', size: 4 });
		const chosen = new File([], 'w.bin');
		Object.defineProperty(chosen, 'webkitRelativePath', { value: 'model/w.bin' });
		expect(fileSource(chosen).name).toBe('model/w.bin');
	});

	test('is read by ranges that lie within it', async () => {
		const source = fileSource(file);
		const read = (begin: number, end: number) => source.read(begin, end);
		const ranges = [
			[0, 4],
			[1, 3],
			[4, 4],
		] as const;
		const sizes = ranges.map(async ([begin, end]) => [...(await read(begin, end))]);
		expect(await Promise.all(sizes)).toEqual([[1, 2, 3, 4], [2, 3], []]);
		for (const [begin, end] of [
			[-1, 2],
			[3, 2],
			[0, 5],
			[NaN, 2],
		] as const)
			await expect(read(begin, end)).rejects.toThrow(
				`w.bin: bytes ${begin} to ${end} are outside the file of 4`,
			);
	});

	test.each([
		[new Error('moved'), 'moved'],
		['moved', 'unknown reason'],
	])('that can no longer be read (%s) is named', async (error, why) => {
		const gone = new File([Uint8Array.of(1)], 'w.bin');
		// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a browser may throw anything
		gone.slice = () => ({ arrayBuffer: () => Promise.reject(error) }) as Blob;
		await expect(fileSource(gone).read(0, 1)).rejects.toThrow(
			`w.bin: the file can no longer be read (${why}); choose it again`,
		);
	});
});
