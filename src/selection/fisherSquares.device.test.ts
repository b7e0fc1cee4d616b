/** Sums of squares of gradients that are never made, against gradients summed in doubles, on every backend. */
import { expect, test } from 'vitest';
import { expectClose, onEveryBackend, wave, withoutLeaks } from '../engine/kernels/backends.ts';
import type { Parameter } from '../engine/model/weights.ts';
import { createLayerSquares, gramIsCheaper } from './fisherSquares.ts';

/** ‖dyᵀ x‖² */
function squares(dy: Float32Array, x: Float32Array, tokens: number): number {
	const [output, input] = [dy.length / tokens, x.length / tokens];
	let sum = 0;
	for (let o = 0; o < output; o++)
		for (let i = 0; i < input; i++) {
			let gradient = 0;
			for (let t = 0; t < tokens; t++) gradient += dy[t * output + o]! * x[t * input + i]!;
			sum += gradient ** 2;
		}
	return sum;
}

test('Gram matrices are taken where they need fewer operations', () => {
	expect(gramIsCheaper(60, 128, 128)).toBe(true);
	expect(gramIsCheaper(70, 128, 128)).toBe(false);
	expect(gramIsCheaper(2040, 4096, 4096)).toBe(true);
	expect(gramIsCheaper(1, 1, 1)).toBe(false);
});

onEveryBackend('sums of squares', (ops) => {
	test.each([1, 5, 12, 40])('of two layers, for %i tokens', (tokens) =>
		withoutLeaks(ops(), async () => {
			const parameter = (name: string): Parameter => ({ name, tensor: ops().zeros([1]) });
			const parameters = ['wide', 'small', 'norm', 'other', 'frozen'].map(parameter);
			const [wide, small, norm, other, frozen] = parameters as [
				...[Parameter, Parameter, Parameter, Parameter, Parameter],
			];
			const gradients = createLayerSquares(ops(), [['wide', 'small', 'norm'], ['other']]);
			const product = (to: Parameter, output: number, input: number, phase: number) => {
				const [dy, x] = [wave(tokens * output, phase, 0.1), wave(tokens * input, phase + 1)];
				const [dyTensor, xTensor] = [
					ops().upload(dy, [tokens, output]),
					ops().upload(x, [tokens, input]),
				];
				gradients.addProduct(to, dyTensor, xTensor);
				ops().release(dyTensor, xTensor);
				return squares(dy, x, tokens);
			};
			for (const phase of [1, 2]) {
				const first = product(wide, 70, 33, phase) + product(small, 6, 33, phase + 2);
				const second = product(other, 33, 48, phase + 4);
				product(frozen, 70, 33, phase);
				gradients.add(norm, () => ops().upload(Float32Array.of(0.5, phase), [2]));
				gradients.add(frozen, () => expect.fail('of a frozen parameter'));
				expectClose(await gradients.take(), [first + 0.25 + phase ** 2, second], 1e-5);
			}
			gradients.release();
			ops().release(...parameters.map(({ tensor }) => tensor));
		}),
	);
});
