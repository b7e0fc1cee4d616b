/** Which files of a folder are read, and what is told of the others. */
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import { checkTensors, openTensors } from './safetensors.ts';
import { findShards } from './shards.ts';
import { jsonSource, tensor, tensorSource } from './testing.ts';

const indexName = 'model.safetensors.index.json';
const index = (weight_map: unknown) => jsonSource(indexName, { metadata: {}, weight_map });
const shard = (number: number, ...names: string[]) =>
	tensorSource(
		`model-${number}.safetensors`,
		names.map((name) => tensor(name, [2])),
	);
const [first, second] = [shard(1, 'a', 'b'), shard(2, 'a', 'b', 'c')];
const whole = { ...first, name: 'model.safetensors' };
const namesOf = (files: readonly ByteSource[]) => files.map(({ name }) => name);

test('model.safetensors is taken alone; an index beside it is told', async () => {
	expect(await findShards([first, whole])).toEqual({
		...{ files: [whole], placement: new Map(), source: whole.name, notes: [] },
	});
	const { notes } = await findShards([index({ a: first.name }), whole]);
	expect(notes).toEqual([`${indexName} and its shards are not used: model.safetensors is there.`]);
});

test('the only file is taken, whatever its name', async () => {
	const notes = jsonSource('notes.json', {});
	expect(await findShards([notes, second])).toEqual({
		...{ files: [second], placement: new Map(), source: second.name, notes: [] },
	});
});

test('the shards of an index are taken by name, those that are there', async () => {
	const map = { c: second.name, b: first.name, a: first.name, d: 'model-3.safetensors' };
	const shards = await findShards([second, index(map), first]);
	expect(namesOf(shards.files)).toEqual([first.name, second.name]);
	expect(shards.placement).toEqual(new Map(Object.entries(map)));
	expect(shards).toMatchObject({ source: indexName, notes: [] });
});

test('what several shards hold, and what none holds, is told', async () => {
	const map = { a: first.name, x: first.name, y: 'model-3.safetensors' };
	const { notes, promised } = await openTensors([
		index({ ...map, c: second.name }),
		...[first, second],
	]);
	expect(notes).toEqual([
		`"a", and 1 more, is in several shards; the copy in the last of them (${second.name}) is used, as in transformers.`,
	]);
	expect([...promised]).toEqual([
		['x', `${indexName} places it in ${first.name}, which does not hold it`],
		['y', `${indexName} places it in model-3.safetensors, which is not among the files`],
	]);
	const one = await openTensors([index({ a: first.name, d: second.name }), shard(2, 'b'), first]);
	expect(one.notes).toEqual([expect.stringMatching(/^"b" is in several shards; the copy/)]);
});

test('where a tensor is missing, the first place that an index names is told', async () => {
	const tensors = await openTensors([index({ a: first.name, x: 'gone.safetensors' }), first]);
	const needed = ['v', 'x', 'a', 'b'].map((name) => ({ name, shape: [2] }));
	expect(() => {
		checkTensors(tensors, needed);
	}).toThrow(
		`model.safetensors: the tensors do not fit config.json: 2 missing: v, x (${indexName} places it in ` +
			'gone.safetensors, which is not among the files). Take all files of one checkpoint',
	);
});

describe('refuses', () => {
	test.each<[string, ByteSource[], string]>([
		[
			'no weights',
			[jsonSource('config.json', {}), { ...first, name: 'model.safetensors.txt' }],
			'model.safetensors: not among the files; only safetensors weights can be read, add them',
		],
		[
			'shards without index',
			[first, second],
			`${indexName}: not among the files, though there are shards (${first.name}, ${second.name}); add it`,
		],
		[
			'an index without a map',
			[jsonSource(indexName, { metadata: {} }), first],
			`${indexName}: "weight_map" is missing or malformed; download it again`,
		],
		[
			'an index of nothing',
			[index({}), first],
			`${indexName}: "weight_map" names no tensor; download it again`,
		],
		[
			'an index of shards that are not there',
			[index(Object.fromEntries([1, 2, 3, 4, 5, 6].map((at) => [at, `s${at}`]))), first],
			`${indexName}: none of 6 shards is among the files: s1, s2, s3, s4, s5; add them`,
		],
	])('%s', async (_, sources, message) => {
		await expect(findShards(sources)).rejects.toThrow(message);
		await expect(findShards(sources)).rejects.toMatchObject({ name: 'BadInput' });
	});
});
