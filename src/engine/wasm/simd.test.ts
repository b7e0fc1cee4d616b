/** The vector exponential and the logarithm of the kernels, compiled alone, against JavaScript's in f64. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKernels, readSources } from './build/compile.ts';
import { hasRelaxedSimd } from './kernelModule.ts';

const entry = `
import { exp, log, sigmoid } from './simd';
export function exponential(x: f32): f32 { return f32x4.extract_lane(exp(f32x4.splat(x)), 2); }
export function logistic(x: f32): f32 { return f32x4.extract_lane(sigmoid(f32x4.splat(x)), 1); }
export function logarithm(x: f64): f64 { return log(x); }
`;

type Functions = Record<'exponential' | 'logistic' | 'logarithm', (x: number) => number>;

/** Distance in units in the last place of f32 at `exact`; f32 has 23 bits behind the first, 2^-149 at least. */
function ulps(actual: number, exact: number): number {
	const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
	return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

const variants = [
	{ name: 'plain', relaxed: false },
	{ name: 'relaxed', relaxed: true },
];

for (const { name, relaxed } of variants) {
	describe.skipIf(relaxed && !hasRelaxedSimd())(`${name} build`, () => {
		let functions: Functions;
		beforeAll(async () => {
			const folder = fileURLToPath(new URL('./assembly', import.meta.url));
			const sources = new Map(await readSources(folder)).set('kernels.ts', entry);
			// The thread control imports the table of kernels, which this entry does not have.
			sources.delete('parallel.ts');
			const binary = await compileKernels(sources, { relaxed, shared: false });
			const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
			const { instance } = await WebAssembly.instantiate(binary.slice(), { env: { memory } });
			functions = instance.exports as Functions;
		});

		test('exp is within 2 ulp from overflow down to the denormals', () => {
			let worst = 0;
			for (let x = -103; x < 88.7; x += 0.00317) {
				const rounded = Math.fround(x);
				worst = Math.max(worst, ulps(functions.exponential(rounded), Math.exp(rounded)));
			}
			expect(worst).toBeLessThanOrEqual(2);
			expect(functions.exponential(0)).toBe(1);
		});

		test('exp at and beyond the ends', () => {
			expect(functions.exponential(-Infinity)).toBe(0);
			expect(functions.exponential(-200)).toBe(0);
			expect(functions.exponential(Infinity)).toBe(Infinity);
			expect(functions.exponential(89)).toBe(Infinity);
			expect(functions.exponential(NaN)).toBeNaN();
		});

		test('sigmoid keeps small values and saturates', () => {
			for (const x of [-80, -20, -1.5, 0, 0.3, 7, 30]) {
				expect(ulps(functions.logistic(x), 1 / (1 + Math.exp(-Math.fround(x))))).toBeLessThan(4);
			}
			expect(functions.logistic(-Infinity)).toBe(0);
			expect(functions.logistic(NaN)).toBeNaN();
		});

		test('log agrees with f64 and knows its edges', () => {
			for (let x = 1e-9; x < 1e12; x *= 1.37) {
				const error = Math.abs(functions.logarithm(x) - Math.log(x));
				expect(error).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(Math.log(x))));
			}
			expect(functions.logarithm(0)).toBe(-Infinity);
			expect(functions.logarithm(-1)).toBeNaN();
			expect(functions.logarithm(NaN)).toBeNaN();
			expect(functions.logarithm(Infinity)).toBe(Infinity);
		});
	});
}
