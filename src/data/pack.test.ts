import { expect, test } from 'vitest';
import {
	firstSequences,
	hasTargets,
	packRows,
	packSegments,
	packStream,
	withTargets,
} from './pack.ts';

const row = (ids: number[], firstTarget = 0, end = Infinity) => ({
	ids: Int32Array.from(ids),
	graded: [[firstTarget, end]] as const,
	textTokens: ids.length - 1,
});
const lists = ({ inputIds, targets }: { inputIds: Int32Array; targets: Int32Array }) => ({
	inputIds: [...inputIds],
	targets: [...targets],
});
const tooLong = (index: number, tokens: number) => new Error(`row ${index} has ${tokens}`);

test('a stream is cut into sequences, the rest dropped, nothing predicted across a cut', () => {
	const block = packStream([row([1, 5, 6, 2]), row([1, 7, 8, 9, 2]), row([1, 3])], 4);
	expect(block).toMatchObject({ count: 2, sequenceLength: 4 });
	expect(lists(block)).toEqual({
		inputIds: [1, 5, 6, 2, 1, 7, 8, 9],
		targets: [5, 6, 2, -100, 7, 8, 9, -100],
	});
});

test('prompt tokens are read and not predicted, in streams and rows', () => {
	const rows = [row([1, 5, 6, 2], 2), row([1, 7, 8, 2], 9)];
	expect(lists(packStream(rows, 8))).toEqual({
		inputIds: [1, 5, 6, 2, 1, 7, 8, 2],
		targets: [-100, 6, 2, -100, -100, -100, -100, -100],
	});
	expect([...packRows(rows, 4, 2, tooLong).targets]).toEqual([
		-100, 6, 2, -100, -100, -100, -100, -100,
	]);
});

test('one row per sequence is padded without targets, and never cut', () => {
	const block = packRows([row([1, 5, 2]), row([1, 7, 8, 9, 2])], 5, 0, tooLong);
	expect(block.count).toBe(2);
	expect(lists(block)).toEqual({
		inputIds: [1, 5, 2, 0, 0, 1, 7, 8, 9, 2],
		targets: [5, 2, -100, -100, -100, 7, 8, 9, 2, -100],
	});
	expect(() => packRows([row([1, 2]), row([1, 5, 6, 2])], 3, 0, tooLong)).toThrow('row 1 has 4');
});

test('whole rows share a sequence where they fit best, with positions of their own', () => {
	const rows = [
		row([1, 5, 6, 2], 2),
		row([1, 7, 2]),
		row([1, 8, 2]),
		row([1, 2]),
		row([1, 9, 3, 4, 2]),
	];
	const block = packSegments(rows, 7, 0, tooLong);
	expect(block).toMatchObject({ count: 3, sequenceLength: 7 });
	expect([...block.inputIds]).toEqual([
		...[1, 5, 6, 2, 1, 7, 2],
		...[1, 8, 2, 1, 2, 0, 0],
		...[1, 9, 3, 4, 2, 0, 0],
	]);
	expect([...block.positions!]).toEqual([
		...[0, 1, 2, 3, 0, 1, 2],
		...[0, 1, 2, 0, 1, 0, 0],
		...[0, 1, 2, 3, 4, 0, 0],
	]);
	const no = -100;
	expect([...block.targets]).toEqual([
		...[no, 6, 2, no, 7, 2, no],
		...[8, 2, no, 2, no, no, no],
		...[9, 3, 4, 2, no, no, no],
	]);
	expect(() => packSegments([row([1, 2]), row([1, 5, 6, 2])], 3, 0, tooLong)).toThrow(
		'row 1 has 4',
	);
});

test('positions go with their sequences', () => {
	const rows = [row([1, 2], 9), row([1, 5, 2]), row([1, 6, 2])];
	const block = withTargets(packSegments(rows, 3, 0, tooLong));
	expect(block.count).toBe(2);
	expect([...block.positions!]).toEqual([0, 1, 2, 0, 1, 2]);
	expect(firstSequences(block, 1)).toMatchObject({ positions: Int32Array.of(0, 1, 2) });
	expect(withTargets(packRows(rows, 3, 0, tooLong))).not.toHaveProperty('positions');
});

test('firstSequences keeps the beginning', () => {
	const block = packStream([row([1, 2, 3, 4, 5, 6])], 2);
	expect(lists(firstSequences(block, 2))).toEqual({
		inputIds: [1, 2, 3, 4],
		targets: [2, -100, 4, -100],
	});
	expect(firstSequences(block, 9)).toBe(block);
});

test('rows fill every sequence that has room for them', () => {
	const rows = [5, 5, 3, 3].map((length) => row(Array.from({ length }, () => 7)));
	expect(packSegments(rows, 8, 0, tooLong).count).toBe(2);
});

test('a sequence whose one target is token 0 is kept', () => {
	const block = withTargets(packRows([row([1, 0]), row([1, 5], 9)], 2, 3, tooLong));
	expect(lists(block)).toEqual({ inputIds: [1, 0], targets: [0, -100] });
});

test.each<[[number, number][], boolean]>([
	[[], false],
	[[[0, Infinity]], true],
	[[[0, 1]], false],
	[[[0, 2]], true],
	[[[2, 3]], true],
	[[[2, 2]], false],
	[[[3, Infinity]], false],
	[
		[
			[0, 1],
			[2, 3],
		],
		true,
	],
])('of three tokens, %j has something to predict: %s', (graded, has) => {
	const given = { ids: Int32Array.of(1, 5, 2), graded, textTokens: 3 };
	expect(hasTargets({ ...given, written: { begin: false, end: false } })).toBe(has);
});
