import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import { encodeSafetensors } from './encode.ts';
import { checkTensors, openTensors } from './safetensors.ts';

/** A source over bytes in memory. */
function memory(name: string, bytes: Uint8Array): ByteSource {
	return {
		name,
		size: bytes.length,
		read: (begin, end) => Promise.resolve(bytes.slice(begin, end)),
	};
}

/** A file with the given header text or object and so many data bytes, byte i = i. */
function file(header: unknown, dataBytes: number, name = 'model.safetensors'): ByteSource {
	const text = new TextEncoder().encode(
		typeof header === 'string' ? header : JSON.stringify(header),
	);
	const bytes = new Uint8Array(8 + text.length + dataBytes);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
	bytes.set(text, 8);
	for (let i = 0; i < dataBytes; i++) bytes[8 + text.length + i] = i % 64;
	return memory(name, bytes);
}

const f32 = (shape: number[], begin: number, end: number) => ({
	dtype: 'F32',
	shape,
	data_offsets: [begin, end],
});

function encoded(tensors: { name: string; shape: number[]; data: number[] }[], name: string) {
	const parts = encodeSafetensors(
		tensors.map((tensor) => ({ ...tensor, data: Float32Array.from(tensor.data) })),
		{ format: 'pt' },
	);
	return memory(name, Uint8Array.from(parts.flatMap((part) => [...part])));
}

const pair = [
	{ name: 'a', shape: [2, 3], data: [1, -2, 3.5, 4, 5, 6] },
	{ name: 'b', shape: [2], data: [0.1, 7] },
];

describe('openTensors', () => {
	test('reads back what encodeSafetensors wrote', async () => {
		const tensors = await openTensors([encoded(pair, 'model.safetensors')]);
		expect(tensors.names).toEqual(['a', 'b']);
		expect(tensors.shape('a')).toEqual([2, 3]);
		expect([...(await tensors.read('a'))]).toEqual([1, -2, 3.5, 4, 5, 6]);
		expect(await tensors.read('b')).toEqual(Float32Array.of(0.1, 7));
		expect(() => tensors.shape('c')).toThrow(/no tensor "c"/);
	});

	test('reads F16 and BF16', async () => {
		const source = file(
			{
				half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
				brain: { dtype: 'BF16', shape: [1, 2], data_offsets: [4, 8] },
			},
			8,
		);
		const tensors = await openTensors([source]);
		// Bytes 0..7: F16 0x0100, 0x0302; BF16 0x0504, 0x0706.
		expect([...(await tensors.read('half'))]).toEqual([256 * 2 ** -24, 770 * 2 ** -24]);
		const bits = new Uint32Array((await tensors.read('brain')).buffer);
		expect([...bits]).toEqual([0x05040000, 0x07060000]);
	});

	test('reads a tensor larger than one chunk', { timeout: 60_000 }, async () => {
		const length = 5 * 2 ** 20;
		const data = new Float32Array(length).map((_, i) => i % 1009);
		const [head, body] = encodeSafetensors([{ name: 'x', shape: [length], data }], {});
		const bytes = new Uint8Array(head!.length + body!.length);
		bytes.set(head!);
		bytes.set(body!, head!.length);
		const tensors = await openTensors([memory('model.safetensors', bytes)]);
		const read = await tensors.read('x');
		expect(read.findIndex((value, i) => value !== data[i])).toBe(-1);
		expect(read).toHaveLength(length);
	});

	test.each<[string, ByteSource, RegExp]>([
		['an empty file', memory('model.safetensors', new Uint8Array(0)), /0 bytes are too few/],
		[
			'a header longer than the file',
			memory('model.safetensors', Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123, 125)),
			/header claims 200 bytes, the file has 10/,
		],
		[
			'a header length beyond 2^53',
			memory('model.safetensors', new Uint8Array(32).fill(255)),
			/header claims 18446744073709551615/,
		],
		['a malformed header', file('{"a":', 0), /header\): not valid JSON/],
		['an array as header', file([1], 0), /not a JSON object/],
		['an entry without offsets', file({ a: { dtype: 'F32', shape: [1] } }, 4), /"a".*data_offsets/],
		['a negative size', file({ a: f32([-1], 0, 4) }, 4), /"a".*shape/],
		['an unknown dtype', file({ a: { ...f32([1], 0, 8), dtype: 'F64' } }, 8), /"a" has dtype F64/],
		[
			'a shape that does not fit',
			file({ a: f32([3], 0, 8) }, 8),
			/"a" of F32 \[3\] needs 12 bytes/,
		],
		['offsets that run backwards', file({ a: f32([1], 8, 4) }, 8), /"a" ends before it begins/],
		['a truncated file', file({ a: f32([4], 0, 16) }, 12), /"a" reaches to byte .*truncated/],
		[
			'overlapping tensors',
			file({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
			/"a" and "b" overlap/,
		],
		['a hole', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /4 bytes before tensor "b"/],
		['trailing bytes', file({ a: f32([1], 0, 4) }, 9), /5 bytes after the last tensor/],
	])('refuses %s', async (_, source, message) => {
		const opening = openTensors([source]);
		await expect(opening).rejects.toThrow(message);
		await expect(opening).rejects.toThrow(/^model\.safetensors/);
		await expect(opening).rejects.toMatchObject({ name: 'BadInput' });
	});

	test.each([
		[NaN, 'NaN'],
		[-Infinity, '-Infinity'],
	])('refuses a weight that is %d', async (value, shown) => {
		const data = [1, 2, value];
		const tensors = await openTensors([
			encoded([{ name: 'w', shape: [3], data }], 'model.safetensors'),
		]);
		await expect(tensors.read('w')).rejects.toThrow(
			`model.safetensors: tensor "w" holds ${shown} at element 2`,
		);
	});
});

describe('shards', () => {
	const [a, b] = pair;
	const first = encoded([a!], 'model-1.safetensors');
	const second = encoded([b!], 'model-2.safetensors');
	const index = (map: unknown) =>
		memory(
			'model.safetensors.index.json',
			new TextEncoder().encode(JSON.stringify({ weight_map: map })),
		);

	test('are joined by the index, other weight files ignored', async () => {
		const map = index({ a: first.name, b: second.name });
		const tensors = await openTensors([
			encoded(pair, 'consolidated.safetensors'),
			second,
			map,
			first,
		]);
		expect([...tensors.names].sort()).toEqual(['a', 'b']);
		expect([...(await tensors.read('b'))]).toEqual([Math.fround(0.1), 7]);
	});

	test('that are absent, or do not hold what the index says, are named where the model needs it', async () => {
		const needed = [
			{ name: 'a', shape: [2, 3] },
			{ name: 'b', shape: [2] },
		];
		const check = async (...files: ByteSource[]) => {
			checkTensors(await openTensors(files), needed);
		};
		const map = index({ a: first.name, b: second.name });
		await expect(check(map, first)).rejects.toThrow(
			/1 missing: b \(.*index\.json places it in model-2\.safetensors, which is not among the files\)/,
		);
		await expect(check(index({ a: first.name, b: first.name }), first)).rejects.toThrow(
			/1 missing: b \(.* places it in model-1\.safetensors, which does not hold it\)/,
		);
		await expect(check(map)).rejects.toThrow(/none of 2 shards is among the files/);
		const stale = index({ a: first.name, b: second.name, c: first.name, d: 'model-3.safetensors' });
		await check(stale, first, second);
		const { promised } = await openTensors([stale, first, second]);
		expect([...promised.keys()]).toEqual(['c', 'd']);
	});

	test('without an index are refused', async () => {
		await expect(openTensors([first, second])).rejects.toThrow(/index\.json: not among the files/);
		await expect(openTensors([])).rejects.toThrow(/model\.safetensors: not among the files/);
	});

	test('count, whatever the index says of a tensor; of two copies the last, which is told', async () => {
		const moved = await openTensors([index({ a: second.name, b: first.name }), first, second]);
		expect([...(await moved.read('b'))]).toEqual([Math.fround(0.1), 7]);
		expect(moved.notes).toEqual([]);
		const other = { name: 'a', shape: [1], data: [9] };
		const twice = encoded([other, b!], 'model-2.safetensors');
		const copies = await openTensors([index({ a: first.name, b: twice.name }), twice, first]);
		expect([...(await copies.read('a'))]).toEqual([9]);
		expect(copies.notes).toEqual([
			expect.stringMatching(/"a" is in several .*model-2\.safetensors/),
		]);
		await expect(openTensors([index([]), first])).rejects.toThrow(/weight_map/);
	});

	test('are not used beside model.safetensors, which is told', async () => {
		const whole = encoded([a!], 'model.safetensors');
		const { names, notes } = await openTensors([index({ b: second.name }), second, whole]);
		expect(names).toEqual(['a']);
		expect(notes).toEqual([expect.stringMatching(/index\.json and its shards are not used/)]);
	});
});

describe('checkTensors', () => {
	const needed = (name: string, ...shape: number[]) => ({ name, shape, layer: null });

	test('accepts old rotary tables', async () => {
		const source = encoded(
			[...pair, { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', shape: [1], data: [1] }],
			'model.safetensors',
		);
		const tensors = await openTensors([source]);
		expect(() => {
			checkTensors(tensors, [needed('a', 2, 3), needed('b', 2)]);
		}).not.toThrow();
	});

	test('lists missing, surplus and mis-shaped tensors', async () => {
		const tensors = await openTensors([encoded(pair, 'model.safetensors')]);
		const shapes = [
			needed('a', 3, 2),
			...[1, 2, 3, 4, 5, 6, 7].map((i) => needed(`layer.${i}`, 1)),
		];
		expect(() => {
			checkTensors(tensors, shapes);
		}).toThrow(
			'7 missing: layer.1, layer.2, layer.3, layer.4, layer.5 and 2 more; ' +
				'1 not part of this architecture: b; ' +
				'1 of another shape than config.json asks for: a [2,3], not [3,2]',
		);
	});
});

test('encodeSafetensors pads the header to 8 bytes and refuses what does not fit', () => {
	const data = Float32Array.of(1);
	const [header] = encodeSafetensors([{ name: 'x', shape: [1], data }], { format: 'pt' });
	const length = Number(new DataView(header!.buffer).getBigUint64(0, true));
	expect(header).toHaveLength(8 + length);
	expect(length % 8).toBe(0);
	expect(JSON.parse(new TextDecoder().decode(header!.subarray(8)))).toEqual({
		__metadata__: { format: 'pt' },
		x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
	});
	expect(() => encodeSafetensors([{ name: 'x', shape: [2], data }], {})).toThrow(/1 values, not 2/);
	const same = { name: 'x', shape: [1], data };
	expect(() => encodeSafetensors([same, same], {})).toThrow(/given twice/);
});

test('rows are read without the rest of the matrix, near ones together', async () => {
	const count = 200;
	const data = Array.from({ length: count * 3 }, (_, i) => i);
	const whole = encoded([{ name: 'table', shape: [count, 3], data }], 'model.safetensors');
	const asked: number[] = [];
	const source: ByteSource = {
		...whole,
		read: (begin, end) => {
			asked.push(end - begin);
			return whole.read(begin, end);
		},
	};
	const tensors = await openTensors([source]);
	asked.length = 0;
	const rows = [0, 1, 33, 66, 199];
	const wanted = rows.flatMap((row) => [3 * row, 3 * row + 1, 3 * row + 2]);
	expect([...(await tensors.readRows('table', rows))]).toEqual(wanted);
	expect(asked).toEqual([34 * 12, 12, 12]);
	expect([...(await tensors.readRows('table', []))]).toEqual([]);
	await expect(tensors.readRows('table', [0, 200])).rejects.toThrow(/has 200 rows, none is 200/);
});
