import { expose } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Progress } from '../contract/progress.ts';
import { type Connection, connect, reopening, type Thread } from './connect.ts';
import { onSilence, type Silence } from './silence.ts';

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

const work = { words: 'counting', effect: 'reading' } as const;
const thread: Thread<CounterApi> = {
	role: 'counting thread',
	works: { count: work, refuse: work, hang: { words: 'waiting', effect: 'reading' } },
	patience: { notice: 5, limit: 20 },
	advice: 'Count less.',
};

const open: Connection<CounterApi>[] = [];
function connected(): { connection: Connection<CounterApi>; port: MessagePort } {
	const { port1, port2 } = new MessageChannel();
	expose(counter, port1);
	const connection = connect<CounterApi>(port2, thread);
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
	const connection = connect<CounterApi>(port2, thread, (error) => refused.push(error));
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
		name: 'ThreadLost',
		message:
			'The counting thread stopped while waiting, by a defect of the lab or for want of memory (no such module). ' +
			'Count less.',
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

describe('a thread that gives no sign of life', () => {
	const silences: (readonly Silence[])[] = [];
	onSilence((all) => silences.push(all));
	beforeEach(() => {
		silences.length = 0;
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	/** Nobody listens at the other end: a thread that is stuck in a loop. */
	function stuck(): Connection<CounterApi> {
		const { port1, port2 } = new MessageChannel();
		const connection = connect<CounterApi>(port2, thread);
		void connection.lost.then(() => {
			port1.close();
		});
		open.push(connection);
		return connection;
	}
	const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
	const told = () =>
		silences.at(-1)?.map(({ doing, seconds, limit }) => ({ doing, seconds, limit }));

	test('is told from the notice on, and ended at its limit', async () => {
		const { api, lost } = stuck();
		const refusal = expect(api.hang()).rejects.toMatchObject({
			name: 'Unresponsive',
			message:
				'The counting thread gave no sign of life for 20 s while waiting, and was ended. Count less.',
		});
		await seconds(5);
		expect(told()).toBeUndefined();
		await seconds(1);
		expect(told()).toEqual([{ doing: 'waiting', seconds: 5, limit: 20 }]);
		await seconds(7);
		expect(told()).toEqual([{ doing: 'waiting', seconds: 12, limit: 20 }]);
		await seconds(8);
		await refusal;
		expect(told()).toEqual([]);
		expect(await lost).toMatchObject({ name: 'Unresponsive' });
	});

	test('is ended before on request', async () => {
		const refusal = expect(stuck().api.hang()).rejects.toThrow(
			/no sign of life for 8 s while waiting, and was ended on request/,
		);
		await seconds(9);
		silences.at(-1)?.[0]?.end();
		await refusal;
		expect(told()).toEqual([]);
	});

	test('is another thing than a thread that takes long and hears', async () => {
		const { port1, port2 } = new MessageChannel();
		const alive = () => Promise.resolve(true);
		expose({ ...counter, alive }, port1);
		const connection = connect<CounterApi>(port2, thread);
		open.push(connection);
		const call = connection.api.hang();
		call.catch(() => undefined);
		for (let second = 0; second < 60; second++) {
			await seconds(1);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		expect(silences).toEqual([]);
		port1.close();
		connection.close();
		await expect(call).rejects.toMatchObject({ name: 'Cancelled' });
	});

	test('nobody is asked while nothing waits', async () => {
		stuck();
		await seconds(100);
		expect(silences).toEqual([]);
	});
});
