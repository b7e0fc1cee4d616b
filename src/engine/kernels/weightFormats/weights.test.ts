import { describe, expect, test } from 'vitest';
import { type WeightFormat, weightFormats } from '../../../contract/precision.ts';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as linear from '../linear/linear.reference.ts';
import { asStored, checkValues, decodeWeights, encodeWeights, formatWords } from './formats.ts';
import { dynamicMaps } from '../adamW8bit/dynamicMaps.ts';
import { nearestLevel, nf4Levels } from './nf4Levels.ts';

const packed = ['bf16', 'int8', 'nf4', 'nf4-double'] as const;

describe('weight formats', () => {
	// Distance to the nearest value a format has, as a share of the largest of a block (bf16: of the value).
	const nf4 = (1 - 0.6961928) / 2 + 1e-6;
	// Scales of 8 bits are off by a hundredth here.
	const errors = { bf16: 2 ** -8, int8: 0.5 / 127 + 1e-6, nf4, 'nf4-double': nf4 + 0.01 };

	test.each(packed)('%s is as near as it can be, and stays what it is', (format) => {
		const values = wave(64 * 5 + 7, 3, 0.02);
		const stored = asStored(values, format);
		for (const [i, value] of values.entries()) {
			const block = values.subarray(i - (i % 64), i - (i % 64) + 64);
			const largest = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
			const bound = errors[format] * (format === 'bf16' ? Math.abs(value) : largest);
			expect(Math.abs(stored[i]! - value), `element ${i}`).toBeLessThanOrEqual(bound);
		}
		expect(stored).not.toEqual(values);
		if (format === 'bf16' || format === 'nf4') expect(asStored(stored, format)).toEqual(stored);
		expect(encodeWeights(values, format)).toHaveLength(formatWords(format, values.length));
	});

	test('f32 is untouched; others take 2, 1 and a half byte, and 4 for the scale of 64', () => {
		expect(asStored(wave(100), 'f32')).toEqual(wave(100));
		expect(weightFormats.map((format) => formatWords(format, 64 * 25600) * 4)).toEqual([
			...[6553600, 3276800, 1740800, 921600],
			// One byte for the scale of 64, 4 for 256 of them, and 1040 for all.
			819200 + 25600 + 400 + 1040,
		]);
	});

	test('bf16 rounds to the nearest, ties to even, and keeps what is not finite', () => {
		const unit = 2 ** -7;
		const values = [1 + unit / 2, 1 + 1.5 * unit, 1 + 0.51 * unit, -1 - unit / 2, NaN, -Infinity];
		const rounded = [1, 1 + 2 * unit, 1 + unit, -1, NaN, -Infinity];
		expect([...asStored(Float32Array.from(values), 'bf16')]).toEqual(rounded);
	});

	test('int8 and nf4 keep zero and the largest of a block', () => {
		const values = new Float32Array(128).fill(0.001, 0, 64);
		values.set([0, -0.5], 10);
		for (const format of ['int8', 'nf4'] as const) {
			const stored = asStored(values, format);
			expect([stored[10], stored[64], stored[127]]).toEqual([0, 0, 0]);
			expect(stored[11]).toBeCloseTo(-0.5, 7);
		}
	});

	test('a level of nf4 is its own nearest, between two the nearer one', () => {
		expect([...nf4Levels].map(nearestLevel)).toEqual([...nf4Levels.keys()]);
		expect([-2, -0.84, -0.86, 0.039, 0.041, 2].map(nearestLevel)).toEqual([0, 1, 0, 7, 8, 15]);
	});

	test('the largest floats have a scale', () => {
		const values = Float32Array.of(3.4e38, -3.4e38, 1.7e38);
		for (const format of ['int8', 'nf4'] as const)
			expectClose(decodeWeights(encodeWeights(values, format), format, 3), values, 0.1);
	});

	test('a float whose scale is too large for int8 is refused, naming row and column', () => {
		const values = new Float32Array(12);
		values[7] = -3.4028234663852886e38;
		expect(() => {
			checkValues(values, 4, 'int8');
		}).toThrow('row 1, column 3 is -3.4028234663852886e+38, which int8 cannot hold');
		expect(asStored(values, 'nf4')).toEqual(values);
	});
});

describe('nf4-double', () => {
	test('keeps scales as bitsandbytes does: less their mean, by the nearest value of its map', () => {
		const blocks = 300;
		const scale = (block: number) => 1 + Math.sin(block) * (block < 256 ? 1 : 0.1);
		const values = wave(64 * blocks, 2).map(
			(value, i) => (i % 64 === 5 ? 4.5 : value) * scale(Math.floor(i / 64)),
		);
		const exact = Array.from({ length: blocks }, (_, block) => 4.5 * scale(block));
		const mean = exact.reduce((sum, x) => sum + x, 0) / blocks;
		const map = [...dynamicMaps().subarray(0, 256)];
		const group = (block: number) => (block < 256 ? exact.slice(0, 256) : exact.slice(256));
		const expected = exact.map((x, block) => {
			const largest = Math.max(...group(block).map((other) => Math.abs(other - mean)));
			const share = (x - mean) / largest;
			const near = map.reduce((a, b) => (Math.abs(b - share) < Math.abs(a - share) ? b : a));
			return near * largest + mean;
		});
		const single = asStored(values, 'nf4');
		const stored = asStored(values, 'nf4-double');
		expectClose(
			stored,
			single.map(
				(value, i) => (value / exact[Math.floor(i / 64)]!) * expected[Math.floor(i / 64)]!,
			),
			1e-6,
		);
		expect(expected).not.toEqual(exact);
	});
});

// [rows, inputs, outputs]: single element, odd, with whole vectors, blocks over the end of a row, several tiles.
const shapes = [
	[1, 1, 1],
	[3, 5, 7],
	[17, 36, 20],
	[65, 128, 66],
	[70, 96, 200],
] as const;

onEveryBackend(
	'weights',
	(ops) => {
		describe.each(packed)('in %s', (format: WeightFormat) => {
			test.each(shapes)('linear, %i rows, %i in, %i out', async (...shape) => {
				await withoutLeaks(ops(), async () => {
					const [rows, inputs, outputs] = shape;
					const xs = wave(rows * inputs, 1);
					const dys = wave(rows * outputs, 3);
					const values = wave(outputs * inputs, 2, 0.3);
					const weight = ops().uploadWeight(values, [outputs, inputs], format);
					const stored = asStored(values, format);
					const x = ops().upload(xs, [rows, inputs]);
					const dy = ops().upload(dys, [rows, outputs]);
					const dx = ops().upload(xs, [rows, inputs]);
					ops().linearBackwardInput(dy, weight, dx);
					const y = await take(ops(), ops().linear(x, weight));
					expectClose(y, linear.linear(xs, stored, shape), 3e-6);
					const expected = linear.linearBackwardInput(dys, stored, shape);
					const sum = expected.map((value, i) => value + xs[i]!);
					expectClose(await take(ops(), dx), sum, 3e-6);
					ops().release(x, dy, weight);
				});
			});

			test.each([
				[9, 5],
				[40, 64],
			])('rows of a table of %i by %i', async (count, width) => {
				await withoutLeaks(ops(), async () => {
					const values = wave(count * width, 4);
					const stored = asStored(values, format);
					const table = ops().uploadWeight(values, [count, width], format);
					const picks = Int32Array.of(3, 0, count - 1, 3);
					const indices = ops().upload(picks, [4]);
					const rows = await take(ops(), ops().gatherRows(table, indices));
					const expected = [...picks].flatMap((row) => [
						...stored.subarray(row * width, (row + 1) * width),
					]);
					expectClose(rows, expected, 1e-7);
					ops().release(table, indices);
				});
			});

			test('are refused where they are not finite, naming row and column', () => {
				if (format === 'bf16') return;
				const before = ops().memory();
				const values = wave(210);
				values[75] = Infinity;
				expect(() => ops().uploadWeight(values, [30, 7], format)).toThrow(
					`row 10, column 5 is Infinity, which ${format} cannot hold`,
				);
				expect(ops().memory().bytes).toBe(before.bytes);
			});

			test('are read, copied and written whole', async () => {
				await withoutLeaks(ops(), async () => {
					const before = ops().memory().bytes;
					const values = wave(30 * 7, 5);
					const tensor = ops().uploadWeight(values, [30, 7], format);
					expect(ops().memory().bytes - before).toBe(4 * formatWords(format, 210));
					const copy = ops().copy(tensor);
					ops().write(tensor, wave(210, 6));
					expect(await ops().read(tensor)).toEqual(asStored(wave(210, 6), format));
					expect(await ops().read(copy, 14, 7)).toEqual(asStored(values, format).slice(14, 21));
					ops().release(tensor, copy);
				});
			});
		});
	},
	['reference', 'webgpu'],
);

onEveryBackend(
	'weights in fewer bits',
	(ops) => {
		test('are refused', () => {
			for (const format of packed)
				expect(() => ops().uploadWeight(wave(4), [2, 2], format)).toThrow(/f32 only/);
		});
	},
	['wasm'],
);
