import { expose } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';
import { namedError } from '../contract/errors.ts';
import { Device } from './device.svelte.ts';

const report = { backend: 'webgpu', adapter: 'test', software: false, reason: 'asked for' };
const ports: MessagePort[] = [];
let device: Device;

/** A device whose threads start, and answer every forecast with the error. */
function failing(error: Error): Device {
	const thread = { start: () => report, forecast: () => Promise.reject(error) };
	vi.stubGlobal('Worker', function open() {
		const { port1, port2 } = new MessageChannel();
		expose(thread, port1);
		ports.push(port1, port2);
		return port2;
	});
	return (device = new Device());
}

afterEach(() => {
	for (const port of ports.splice(0)) port.close();
	vi.unstubAllGlobals();
});

test.each(['DeviceLost', 'OutOfMemory', 'DeviceError'] as const)(
	'after %s nothing runs until the device is restarted',
	async (name) => {
		failing(namedError(name, 'buffer of 9 GiB refused'));
		const trainer = await device.trainer();
		expect(device.report).toEqual(report);
		await expect(trainer.forecast({} as never)).rejects.toMatchObject({ name });
		expect(device.report).toBeNull();
		expect(device.failure).toMatchObject({ name, message: 'buffer of 9 GiB refused.' });
		expect(device.failure?.advice).toContain('Restart the device');
		await expect(device.trainer()).rejects.toMatchObject({ name });
		await device.restart();
		expect(device.failure).toBeNull();
		expect(device.report).toEqual(report);
		await expect(device.trainer()).resolves.toBeDefined();
	},
);

test('an error of one job leaves the device running', async () => {
	failing(namedError('NotFinite', 'the loss is NaN'));
	const trainer = await device.trainer();
	await expect(trainer.forecast({} as never)).rejects.toMatchObject({ name: 'NotFinite' });
	expect(device.failure).toBeNull();
	expect(device.report).toEqual(report);
});
