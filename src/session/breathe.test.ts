import { expect, test } from 'vitest';
import type { Ops, Tensor } from '../engine/ops.ts';
import { breathing } from './breathe.ts';

test('messages get in between two readings, though the device answers at once', async () => {
	const heard: string[] = [];
	const { port1, port2 } = new MessageChannel();
	port1.onmessage = () => heard.push('pause');
	const device = { read: () => Promise.resolve(Float32Array.of(2.5)) } as unknown as Ops;
	const tensor = {} as Tensor;

	port2.postMessage(null);
	for (let i = 0; i < 5; i++) await device.read(tensor);
	expect(heard).toEqual([]);
	expect(await breathing(device).read(tensor)).toEqual(Float32Array.of(2.5));
	await breathing(device).read(tensor);
	expect(heard).toEqual(['pause']);
	port1.close();
});
