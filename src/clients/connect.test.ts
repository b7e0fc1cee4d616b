import { expose } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';
import type { Progress } from '../contract/workers.ts';
import { type Connection, connect, reopening } from './connect.ts';

interface CounterApi {
	count(to: number, onProgress: (progress: Progress) => void): Promise<number>;
	refuse(): Promise<void>;
	hang(): Promise<void>;
}

const counter: CounterApi = {
	async count(to, onProgress) {
		for (let done = 1; done <= to; done++) onProgress({ done, total: to, label: 'counting' });
		return Promise.resolve(to * 2);
	},
	refuse() {
		const error = new Error('row 7 of pairs.json has no output');
		error.name = 'BadInput';
		return Promise.reject(error);
	},
	hang: () => new Promise(() => undefined),
};

const open: Connection<CounterApi>[] = [];
function connected(): { connection: Connection<CounterApi>; port: MessagePort } {
	const { port1, port2 } = new MessageChannel();
	expose(counter, port1);
	const connection = connect<CounterApi>(port2, 'counting thread');
	open.push(connection);
	return { connection, port: port2 };
}
afterEach(() => {
	for (const connection of open.splice(0)) connection.close();
});

test('answers come back, and plain functions cross as callbacks', async () => {
	const seen: number[] = [];
	const { connection } = connected();
	expect(await connection.api.count(3, ({ done }) => seen.push(done))).toBe(6);
	await expect.poll(() => seen).toEqual([1, 2, 3]);
});

test('errors keep their name and message', async () => {
	await expect(connected().connection.api.refuse()).rejects.toMatchObject({
		name: 'BadInput',
		message: 'row 7 of pairs.json has no output',
	});
});

test('refused calls are told, answered ones are not', async () => {
	const { port1, port2 } = new MessageChannel();
	expose(counter, port1);
	const refused: unknown[] = [];
	const connection = connect<CounterApi>(port2, 'counting thread', (error) => refused.push(error));
	open.push(connection);
	await connection.api.count(1, () => undefined);
	await connection.api.refuse().catch(() => undefined);
	expect(refused).toEqual([expect.objectContaining({ name: 'BadInput' })]);
});

test('a thread that fails is ended', () => {
	const { port } = connected();
	const ended = vi.spyOn(port, 'close');
	port.dispatchEvent(new Event('error'));
	expect(ended).toHaveBeenCalledOnce();
});

test('a thread that fails rejects pending and later calls, and says why', async () => {
	const { connection, port } = connected();
	const first = connection.api.hang();
	const second = connection.api.hang();
	port.dispatchEvent(Object.assign(new Event('error'), { message: 'no such module' }));
	const expected = {
		name: 'DeviceLost',
		message: 'The counting thread stopped: no such module.',
	};
	await expect(first).rejects.toMatchObject(expected);
	await expect(second).rejects.toMatchObject(expected);
	await expect(connection.api.count(1, () => undefined)).rejects.toMatchObject(expected);
	expect(await connection.lost).toMatchObject(expected);
});

test('closing cancels what is pending', async () => {
	const { connection } = connected();
	const call = connection.api.hang();
	connection.close();
	await expect(call).rejects.toMatchObject({ name: 'Cancelled' });
});

test('a connection can be awaited without being taken for a promise', async () => {
	const { connection } = connected();
	expect(await Promise.resolve(connection.api)).toBe(connection.api);
});

test('a lost thread is opened again at the next use, a living one is kept', async () => {
	const opened: ReturnType<typeof connected>[] = [];
	const api = reopening(() => {
		const one = connected();
		opened.push(one);
		return one.connection;
	});
	expect(api()).toBe(api());
	expect(opened).toHaveLength(1);
	opened[0]?.port.dispatchEvent(new Event('error'));
	await opened[0]?.connection.lost;
	expect(await api().count(2, () => undefined)).toBe(4);
	expect(opened).toHaveLength(2);
});
