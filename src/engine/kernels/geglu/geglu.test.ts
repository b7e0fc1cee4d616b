import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './geglu.reference.ts';

onEveryBackend('geglu', (ops) => {
	const agrees = (gates: Float32Array, ups: Float32Array, dOuts: Float32Array) =>
		withoutLeaks(ops(), async () => {
			const [gate, up, dOut] = [gates, ups, dOuts].map((values) =>
				ops().upload(values, [1, values.length]),
			);
			const y = await take(ops(), ops().geglu(gate!, up!));
			expectClose(y, reference.geglu(gates, ups));
			ops().gegluBackwardInPlace(dOut!, gate!, up!);
			const expected = reference.gegluBackward(dOuts, gates, ups);
			expectClose(await take(ops(), gate!), expected.dGate);
			expectClose(await take(ops(), up!), expected.dUp);
			ops().release(dOut!);
		});

	test.each([1, 63, 1000, 70_000])('%i elements, forward and backward', (size) =>
		agrees(wave(size, 1, 3), wave(size, 2), wave(size, 3)),
	);

	test('is right where it bends, which the error function is not', () => {
		const gates = Float32Array.from({ length: 200 }, (_, i) => -4 + i / 25);
		return agrees(gates, new Float32Array(200).fill(1), new Float32Array(200).fill(1));
	});

	test('large negative and positive gates stay finite', () =>
		agrees(
			Float32Array.of(-1e20, -200, -31, -6, 0, 6, 31, 200, 1e20),
			new Float32Array(9).fill(1),
			Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1e-20),
		));
});
