/** Bytes are counted whichever way they are asked for, and refused before they are taken. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installMeter, type Meter, mostBytes } from './meter.ts';

let meter: Meter;
beforeAll(() => {
	meter = installMeter();
});
afterAll(() => {
	meter.remove();
});

const asked = async (work: () => unknown): Promise<number> => {
	meter.start(Infinity);
	await work();
	return meter.stop();
};

const three = [1, 2, 3];
const buffer = new ArrayBuffer(100);
const blob = new Blob(['abc']);

test.each<[string, number, () => unknown]>([
	['a buffer', 1000, () => new ArrayBuffer(1000)],
	['numbers', 4000, () => new Float32Array(1000)],
	['numbers of a list', 12, () => new Int32Array(three)],
	['numbers made from a list', 24, () => Float64Array.from(three)],
	['a view of a buffer', 0, () => new Uint8Array(buffer)],
	['a copy of a view', 50, () => new Uint8Array(buffer).slice(50)],
	['a copy of a buffer', 60, () => buffer.slice(40)],
	['a list of a length', 8000, () => new Array<number>(1000)],
	['a list called for', 8000, () => Array<number>(1000)],
	['a list made from a length', 800, () => Array.from({ length: 100 })],
	['a list of one value', 8, () => Array.of(1000)],
	['the bytes of a blob', 3, () => blob.arrayBuffer()],
	['a text repeated', 3000, () => 'abc'.repeat(1000)],
	['a text padded', 500, () => 'a'.padStart(500)],
])('%s', async (_what, bytes, work) => {
	expect(await asked(work)).toBe(bytes);
});

test('a blob, at least what is put into it', async () => {
	expect(await asked(() => new Blob([buffer, 'abc']))).toBeGreaterThanOrEqual(103);
});

test('refuses what is above the limit, and says by how much it was asked for', () => {
	meter.start(mostBytes(10));
	expect(() => new Float64Array(1e12)).toThrow(RangeError);
	expect(meter.stop()).toBe(8e12);
});

test('leaves constructors what they are', () => {
	expect(new Uint8Array(2)).toBeInstanceOf(Uint8Array);
	expect([] instanceof Array).toBe(true);
	class Own extends Uint8Array {}
	expect(new Own(2)).toBeInstanceOf(Own);
});
