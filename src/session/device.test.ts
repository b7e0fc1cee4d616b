import { expect, test } from 'vitest';
import { startDevice } from './device.ts';

test('refuses what is no number of threads', async () => {
	for (const threads of [0, 1.5, NaN, 1e12])
		await expect(startDevice('wasm', threads)).rejects.toMatchObject({ name: 'BadInput' });
});
