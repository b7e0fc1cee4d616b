/** Reading parts of tensors: what is fetched at once, and what is told where it fails. */
import { expect, test } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import type { TensorEntry } from './header.ts';
import { checkTensors, indexTensors, openTensors } from './safetensors.ts';
import { tensor, tensorSource } from './testing.ts';

const table = { ...tensor('table', [4, 3]), data: Float32Array.from({ length: 12 }, (_, i) => i) };
const open = (data = table.data) =>
	openTensors([tensorSource('m.safetensors', [{ ...table, data }])]);

test('a number that is none is told by its place in the whole tensor', async () => {
	const data = table.data.map((value) => (value === 7 ? NaN : value));
	const tensors = await open(data);
	const message =
		'm.safetensors: tensor "table" holds NaN at element 7; the file is damaged or its training diverged: take ' +
		'another copy or an earlier checkpoint';
	await expect(tensors.read('table')).rejects.toThrow(message);
	await expect(tensors.readRows('table', [2])).rejects.toThrow(message);
	expect([...(await tensors.readRows('table', [3]))]).toEqual([9, 10, 11]);
	const first = await open(table.data.map((value) => (value === 0 ? NaN : value)));
	await expect(first.read('table')).rejects.toThrow('"table" holds NaN at element 0;');
});

test.each([4, -1])('row %i of four is refused', async (row) => {
	const tensors = await open();
	await expect(tensors.readRows('table', [0, row])).rejects.toThrow(
		`m.safetensors: tensor "table" has 4 rows, none is ${row}`,
	);
});

test('a source that gives fewer bytes than it should is named', async () => {
	const whole = tensorSource('m.safetensors', [table]);
	let short = false;
	const source: ByteSource = {
		...whole,
		read: async (begin, end) => (await whole.read(begin, end)).slice(0, short ? 5 : undefined),
	};
	const tensors = await openTensors([source]);
	short = true;
	await expect(tensors.read('table')).rejects.toThrow(
		'm.safetensors: 5 of 48 bytes of "table" could be read',
	);
});

test('at most 16 MB are fetched at once, of rows as of whole tensors', async () => {
	const enough = new Error('enough');
	let asked = 0;
	const source: ByteSource = {
		...{ name: 'm.safetensors', size: 2 ** 26 },
		read: (begin, end) => {
			asked = end - begin;
			return Promise.reject(enough);
		},
	};
	const open = (width: number) => {
		const entry: TensorEntry = {
			...{ source, name: 'wide', dtype: 'F32', shape: [4, width] },
			...{ begin: 8, end: 8 + 16 * width },
		};
		return indexTensors(new Map([['wide', entry]]), 'm');
	};
	const rows = async (width: number, ...numbers: number[]) => {
		await expect(open(width).readRows('wide', numbers)).rejects.toBe(enough);
		return asked / 4 / width;
	};
	expect(await rows(2 ** 21, 0, 1, 2)).toBe(2);
	expect(await rows(2 ** 21, 1, 2, 3)).toBe(2);
	expect(await rows(2 ** 21 + 1, 0, 1)).toBe(1);
	expect(await rows(2 ** 22, 1, 2)).toBe(1);
	await expect(open(2 ** 22).read('wide')).rejects.toBe(enough);
	expect(asked).toBe(2 ** 24);
});

test('a name that is not there is told with the file', async () => {
	const tensors = await open();
	const missing = 'm.safetensors: no tensor "x"';
	expect(() => tensors.shape('x')).toThrow(missing);
	expect(() => tensors.read('x')).toThrow(missing);
	expect(tensors.notes).toEqual([]);
	expect(tensors.promised.size).toBe(0);
});

test('tensors that do not fit are listed, five of a kind', async () => {
	const tensors = await openTensors([
		tensorSource(
			'm.safetensors',
			['a', 'b', 'c', 'd', 'e', 'f', 'rotary_emb.inv_freq'].map((name) => tensor(name, [2, 1])),
		),
	]);
	const check = (shapes: Record<string, number[]>, file?: string) => () => {
		checkTensors(
			tensors,
			Object.entries(shapes).map(([name, shape]) => ({ name, shape })),
			file,
		);
	};
	const fit = [2, 1];
	expect(check({ a: fit, b: fit, c: fit, d: fit, e: fit, f: fit })).not.toThrow();
	expect(check({ a: fit }, 'x.ckpt')).toThrow(
		'x.ckpt: the tensors do not fit config.json: 5 not part of this architecture: b, c, d, e, f. Take all files',
	);
	expect(check({})).toThrow('6 not part of this architecture: a, b, c, d, e and 1 more. Take');
	const misshaped = { a: [2], b: [2, 1, 1], c: [1, 2], d: fit, e: fit, f: fit };
	expect(check(misshaped)).toThrow(
		'3 of another shape than config.json asks for: a [2,1], not [2], b [2,1], not [2,1,1], c [2,1], not [1,2]. Take',
	);
});
