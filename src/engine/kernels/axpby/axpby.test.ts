import { expect, test } from 'vitest';
import type { Axpby } from '../../ops.ts';
import {
	expectClose,
	expectSameRounding,
	onEveryBackend,
	take,
	wave,
	withoutLeaks,
} from '../backends.ts';
import { asStored } from '../weightFormats/formats.ts';
import { axpby } from './axpby.reference.ts';

const cases: readonly [string, number, Axpby][] = [
	['both scales', 3, { alpha: -0.3, beta: 1.7 }],
	['clipped', 5, { alpha: 0.1, beta: 0.9, clipNorm: 2 }],
	['below the clip norm', 1.5, { alpha: 0.1, beta: 0.9, clipNorm: 2 }],
	['unclipped', 5, { alpha: 0.1, beta: 0.9, clipNorm: null }],
	['normalised', 5, { alpha: 2, beta: 0, normalise: 1e-7 }],
	['normalised, of a norm below the least', 1e-9, { alpha: 1, beta: 0.5, normalise: 1e-7 }],
	['normalised, of nothing', 0, { alpha: 1, beta: 0.5, normalise: 1e-7 }],
];

onEveryBackend('axpby', (ops) => {
	test.each(cases)('%s', async (_title, norm, scales) => {
		for (const size of [1, 7, 200, 70_001])
			await withoutLeaks(ops(), async () => {
				const amplitude = norm === 0 ? 1e-9 : norm < 1e-8 ? 1e-9 : 1;
				const [expected, xs] = [wave(size, 1), wave(size, 2, amplitude)];
				const target = ops().upload(expected, [size]);
				const x = ops().upload(xs, [size]);
				const length = ops().upload(Float32Array.of(norm), [1]);
				ops().axpby(target, x, length, scales);
				axpby(expected, xs, norm, scales);
				expectClose(await take(ops(), target), expected, 1e-6);
				expectClose(await take(ops(), x), xs, 0);
				ops().release(length);
			});
	});

	test('changes nothing where the norm is not finite', async () => {
		await withoutLeaks(ops(), async () => {
			const [target, x] = [1, 2].map((phase) => ops().upload(wave(100, phase), [100]));
			for (const value of [NaN, Infinity]) {
				const norm = ops().upload(Float32Array.of(value), [1]);
				ops().axpby(target!, x!, norm, { alpha: 1, beta: 2 });
				ops().axpby(target!, x!, norm, { alpha: 1, beta: 2, clipNorm: 1 });
				ops().release(norm);
			}
			expectClose(await take(ops(), target!), wave(100, 1), 0);
			ops().release(x!);
		});
	});
});

onEveryBackend(
	'axpby with rounding to bfloat16',
	(ops) => {
		test.each([
			['bf16', null],
			['bf16', 5],
			['f32', 5],
		] as const)('kept in %s, seed %s', async (format, seed) => {
			await withoutLeaks(ops(), async () => {
				const size = 5003;
				const expected = asStored(wave(size, 1), 'bf16');
				const target = ops().uploadWeight(expected, [1, size], format);
				const x = ops().upload(wave(size, 3), [size]);
				const norm = ops().upload(Float32Array.of(1), [1]);
				const scales = { alpha: 2e-3, beta: 0.999, rounding: { seed } };
				ops().axpby(target, x, norm, scales);
				axpby(expected, wave(size, 3), 1, scales);
				const values = await take(ops(), target);
				expect(asStored(values, 'bf16')).toEqual(values);
				expectSameRounding(values, expected);
				ops().release(x, norm);
			});
		});
	},
	['reference', 'webgpu'],
);
