/** Headers of safetensors: what is refused, and with which numbers. */
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import { readHeader } from './header.ts';
import { openTensors } from './safetensors.ts';
import { memorySource } from './testing.ts';

const name = 'model.safetensors';

/** A file with this header and so many bytes of data. */
function file(header: unknown, dataBytes: number): ByteSource {
	const text = new TextEncoder().encode(
		typeof header === 'string' ? header : JSON.stringify(header),
	);
	const bytes = new Uint8Array(8 + text.length + dataBytes);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
	bytes.set(text, 8);
	return memorySource(name, bytes);
}

/** A file of a gigabyte whose header claims so many bytes. */
const claiming = (length: bigint): ByteSource => ({
	...{ name, size: 2 ** 30 },
	read: (begin) => {
		const bytes = new Uint8Array(8);
		if (begin === 0) new DataView(bytes.buffer).setBigUint64(0, length, true);
		return Promise.resolve(bytes);
	},
});

const f32 = (shape: unknown, ...data_offsets: unknown[]) => ({
	dtype: 'F32',
	...{ shape, data_offsets },
});

test('entries come in the order of their bytes, empty tensors before others', async () => {
	const header = { b: f32([1], 4, 8), a: f32([1], 0, 4), empty: f32([0, 3], 0, 0) };
	const entries = await readHeader(file({ ...header, __metadata__: { format: 'pt' } }, 8));
	expect(entries.map((entry) => entry.name)).toEqual(['empty', 'a', 'b']);
	const [, a, b] = entries;
	expect(b!.begin - a!.begin).toBe(4);
	expect(await readHeader(file({}, 0))).toEqual([]);
});

test('tables of positions of whatever kind are let be', async () => {
	const header = (table: string) =>
		file({ [table]: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, 8);
	for (const table of ['encoder.position_ids', 'layers.0.rotary_emb.inv_freq']) {
		const tensors = await openTensors([header(table)]);
		expect(tensors.shape(table)).toEqual([1]);
		expect(() => tensors.read(table)).toThrow(
			`${name}: tensor "${table}" has dtype I64; F32, F16 and BF16 can be read`,
		);
	}
	for (const other of ['position_ids.weight', 'rotary_emb.inv_freq.x'])
		await expect(readHeader(header(other))).rejects.toThrow(
			`${name}: tensor "${other}" has dtype I64; F32, F16 and BF16 can be read: convert the checkpoint`,
		);
});

describe('refuses', () => {
	test.each<[string, ByteSource, string]>([
		[
			'seven bytes',
			memorySource(name, new Uint8Array(7)),
			'7 bytes are too few for a safetensors file; download it again',
		],
		['no header', memorySource(name, new Uint8Array(8)), '(header): the file is empty'],
		[
			'a header one byte too long',
			memorySource(name, Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 123, 125)),
			'the header claims 3 bytes, the file has 10; it is truncated or not a safetensors file: download it again',
		],
		[
			'a header beyond the limit',
			claiming(100_000_001n),
			'the header claims 100000001 bytes, the file has 1073741824;',
		],
		['zeros as header', claiming(100_000_000n), '(header): not valid JSON'],
		['a list', file([], 0), 'the header is not a JSON object; this is not a safetensors file'],
		['null', file('null', 0), 'the header is not a JSON object;'],
		['a number', file('7', 0), 'the header is not a JSON object;'],
		['a size of half', file({ a: f32([0.5], 0, 2) }, 2), 'tensor "a" has a malformed header entry'],
		['a size below 0', file({ a: f32([-1], 0, 4) }, 4), 'tensor "a" has a malformed header entry'],
		['one offset', file({ a: f32([1], 0) }, 4), 'tensor "a" has a malformed header entry: data_'],
		['an entry that is none', file({ a: 7 }, 4), 'tensor "a" has a malformed header entry:  Inv'],
		[
			'offsets that run backwards',
			file({ a: f32([1], 8, 4) }, 8),
			'tensor "a" ends before it begins (data_offsets 8,4)',
		],
		[
			'a shape of other bytes',
			file({ a: f32([3, 1], 0, 8) }, 8),
			'tensor "a" of F32 [3,1] needs 12 bytes, its data_offsets hold 8',
		],
		[
			'tensors that overlap',
			file({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
			'tensors "a" and "b" overlap; download it again',
		],
		[
			'a hole before the first',
			file({ a: f32([1], 3, 7) }, 7),
			'3 bytes before tensor "a" belong to no tensor; download it again',
		],
		[
			'bytes after the last',
			file({ a: f32([1], 0, 4) }, 9),
			'5 bytes after the last tensor belong to none; download it again',
		],
	])('%s', async (_, source, problem) => {
		const refusal = readHeader(source);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		const colon = problem.startsWith('(') ? ' ' : ': ';
		await expect(refusal).rejects.toThrow(`${name}${colon}${problem}`);
	});

	test('a tensor beyond the end of the file', async () => {
		const whole = file({ a: f32([4], 0, 16) }, 16);
		const cut = { ...whole, size: whole.size - 1 };
		await expect(readHeader(cut)).rejects.toThrow(
			`${name}: tensor "a" reaches to byte ${whole.size}, the file ends at ${cut.size}; it is truncated: download it again`,
		);
	});
});
