import { test } from 'vitest';
import { expectClose, onEveryBackend, take, wave, withoutLeaks } from '../backends.ts';
import * as reference from './swiglu.reference.ts';

onEveryBackend('swiglu', (ops) => {
	test.each([1, 63, 1000, 70_000])('%i elements, forward and backward', async (size) => {
		await withoutLeaks(ops(), async () => {
			const [gates, ups, dOuts] = [wave(size, 1, 6), wave(size, 2), wave(size, 3)];
			const gate = ops().upload(gates, [1, size]);
			const up = ops().upload(ups, [1, size]);
			const dOut = ops().upload(dOuts, [1, size]);
			expectClose(await take(ops(), ops().swiglu(gate, up)), reference.swiglu(gates, ups));
			ops().swigluBackwardInPlace(dOut, gate, up);
			const expected = reference.swigluBackward(dOuts, gates, ups);
			expectClose(await take(ops(), gate), expected.dGate);
			expectClose(await take(ops(), up), expected.dUp);
			ops().release(dOut);
		});
	});

	test('large negative and positive gates stay finite', async () => {
		await withoutLeaks(ops(), async () => {
			const gates = Float32Array.of(-200, -90, -20, 0, 20, 90, 200);
			const ups = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
			const gate = ops().upload(gates, [1, 7]);
			const up = ops().upload(ups, [1, 7]);
			expectClose(await take(ops(), ops().swiglu(gate, up)), reference.swiglu(gates, ups));
			ops().release(gate, up);
		});
	});
});
