/** safetensors byte by byte, and tensors that cannot be written. */
import { expect, test } from 'vitest';
import { encodeSafetensors } from './encode.ts';

const tensor = (name: string, shape: number[], ...values: number[]) => ({
	...{ name, shape },
	data: Float32Array.from(values),
});
const headerOf = (parts: readonly Uint8Array<ArrayBuffer>[]) =>
	new TextDecoder().decode(parts[0]?.subarray(8));

test('the header is padded with spaces to a multiple of 8', () => {
	for (const key of ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg']) {
		const [header] = encodeSafetensors([], { key });
		const json = JSON.stringify({ __metadata__: { key } });
		const length = Math.ceil(json.length / 8) * 8;
		expect(headerOf([header!])).toBe(json.padEnd(length, ' '));
		expect([...header!.subarray(0, 8)]).toEqual([length, 0, 0, 0, 0, 0, 0, 0]);
	}
});

test('tensors lie one behind the other, in float32 as they are and in bfloat16 rounded', () => {
	const tensors = [tensor('b', [2], 1, -2.5), tensor('scalar', [], 3), tensor('none', [0, 2])];
	const offsets = (parts: readonly Uint8Array<ArrayBuffer>[]) =>
		Object.entries(JSON.parse(headerOf(parts)) as Record<string, Record<string, unknown>>)
			.slice(1)
			.map(([name, { dtype, shape, data_offsets }]) => [name, dtype, shape, data_offsets]);
	const whole = encodeSafetensors(tensors, {});
	expect(offsets(whole)).toEqual([
		['b', 'F32', [2], [0, 8]],
		['scalar', 'F32', [], [8, 12]],
		['none', 'F32', [0, 2], [12, 12]],
	]);
	expect(whole[1]?.buffer).toBe(tensors[0]?.data.buffer);
	const half = encodeSafetensors(tensors, {}, 'BF16');
	expect(offsets(half)).toEqual([
		['b', 'BF16', [2], [0, 4]],
		['scalar', 'BF16', [], [4, 6]],
		['none', 'BF16', [0, 2], [6, 6]],
	]);
	expect(half.slice(1).map((part) => [...part])).toEqual([
		[0x80, 0x3f, 0x20, 0xc0],
		[0x40, 0x40],
		[],
	]);
});

test('a part of an array is written alone', () => {
	const data = Float32Array.of(1, 2, 3).subarray(1, 2);
	const [, part] = encodeSafetensors([{ name: 'a', shape: [1], data }], {});
	expect([...part!]).toEqual([0, 0, 0, 0x40]);
});

test('a name that repeats and a shape that does not fit are refused', () => {
	const a = tensor('a', [1], 1);
	expect(() => encodeSafetensors([a, a], {})).toThrow('tensor "a" given twice');
	expect(() => encodeSafetensors([tensor('__metadata__', [1], 1)], {})).toThrow('given twice');
	expect(() => encodeSafetensors([tensor('b', [2, 3], 1)], {})).toThrow(
		'tensor "b" [2,3] has 1 values, not 6',
	);
});
