/** A study's jobs: their order, threads that die, aborts, and what is in the store. */
import { describe, expect, test } from 'vitest';
import type { RunDetail } from '../contract/library.ts';
import { runId, tasksId } from '../contract/runId.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import { namedError } from '../contract/errors.ts';
import type { Connection } from './connect.ts';
import {
	fakeStudies,
	fakeTrainer,
	finished,
	jobOf,
	layersOf,
	row,
	statuses,
	task,
	type Training,
} from './testing.ts';

const { now, study } = fakeStudies();

test('the longest job comes first, the model is loaded once, results are in the order of the jobs', async () => {
	const all = await study([jobOf('base', null), jobOf('two', 2), jobOf('eight', 8)]);
	expect(now().heard.calls).toEqual([
		'start auto 1',
		'load',
		'train 8',
		'evaluate current',
		'save 1',
		'train 2',
		'evaluate current',
		'save 1',
		'evaluate base',
		'save 1',
	]);
	expect(statuses(all)).toEqual(['base finished', 'two finished', 'eight finished']);
	expect(all[0]).toMatchObject({ run: null, rows: [row], stored: false });
	expect(all[1]?.run).toBe(await runId(jobOf('two', 2).spec!));
	const ended = now().events.flatMap((event) => (event.kind === 'ended' ? event.result.job : []));
	expect(ended).toEqual(['eight', 'two', 'base']);
});

test('jobs run side by side on as many threads as asked, on WebGPU on one', async () => {
	let running = 0;
	let most = 0;
	const training: Training = async (job) => {
		most = Math.max(most, ++running);
		await new Promise((resolve) => setTimeout(resolve, 5));
		running--;
		return finished(job);
	};
	const jobs = [1, 2, 3, 4, 5].map((k) => jobOf(`front-${k}`, k));
	await study(jobs, training, { workers: 3 });
	expect([most, now().heard.opened]).toEqual([3, 3]);
	most = 0;
	now().heard.opened = now().heard.closed = 0;
	now().kept.results.clear();
	now().kept.finals.clear();
	await study(jobs, training, { workers: 3, backend: 'webgpu' });
	expect([most, now().heard.opened]).toEqual([1, 1]);
});

test('what the files of the model say differently is told once, however many threads load it', async () => {
	await study([jobOf('one', 1), jobOf('two', 2)], undefined, { workers: 2 });
	expect(now().heard.opened).toBe(2);
	const told = now().events.filter(({ kind }) => kind === 'notes');
	expect(told).toEqual([{ kind: 'notes', notes: ['the head is not in the file'] }]);
});

test('a job that fails keeps its error, the others go on', async () => {
	const training: Training = (job) =>
		layersOf(job.spec) === 4
			? Promise.reject(namedError('NotFinite', 'the loss is NaN at update 3'))
			: Promise.resolve(finished(job));
	const all = await study([jobOf('two', 2), jobOf('four', 4)], training);
	expect(statuses(all)).toEqual(['two finished', 'four failed']);
	expect(all[1]?.error?.message).toBe('the loss is NaN at update 3');
});

test('where there is no room to store a run, none is begun any more, and the study can go on later', async () => {
	let room = false;
	const training: Training = async (job, _dies, stopped) => {
		if (room) return finished(job);
		if (layersOf(job.spec) === 4)
			throw namedError('QuotaExceeded', 'No room to store the checkpoint');
		await stopped;
		return finished(job, 'stopped');
	};
	const jobs = [jobOf('two', 2), jobOf('four', 4), jobOf('eight', 8)];
	const all = await study(jobs, training, { workers: 2 });
	expect(statuses(all)).toEqual(['two cancelled', 'four failed', 'eight cancelled']);
	expect(all[1]?.error?.message).toBe('No room to store the checkpoint');
	expect(now().heard.calls).not.toContain('train 2');
	room = true;
	const later = await study(jobs, training);
	expect(later.every(({ status }) => status === 'finished')).toBe(true);
});

describe('a thread that dies', () => {
	test('hands its job to a new one', async () => {
		let deaths = 0;
		const training: Training = (job, dies) => {
			if (layersOf(job.spec) === 4 && deaths++ === 0) return dies();
			return Promise.resolve(finished(job));
		};
		const all = await study([jobOf('two', 2), jobOf('four', 4)], training);
		expect(statuses(all)).toEqual(['two finished', 'four finished']);
		expect(now().heard.calls.filter((call) => call.startsWith('train'))).toEqual([
			'train 4',
			'train 4',
			'train 2',
		]);
		expect(now().heard.opened).toBe(2);
	});

	test('twice over the same job ends that job alone', async () => {
		const training: Training = (job, dies) => {
			if (layersOf(job.spec) === 4) return dies();
			return Promise.resolve(finished(job));
		};
		const all = await study([jobOf('two', 2), jobOf('four', 4)], training);
		expect(statuses(all)).toEqual(['two finished', 'four failed']);
		expect(all[1]?.error?.name).toBe('DeviceLost');
	});
});

describe('aborting', () => {
	test('stops what runs, begins nothing more, and closes the threads', async () => {
		const training: Training = async (job, _dies, stopped) => {
			setTimeout(() => {
				now().abort.abort();
			}, 0);
			await stopped;
			return finished(job, 'stopped');
		};
		const all = await study([jobOf('two', 2), jobOf('four', 4), jobOf('base', null)], training);
		expect(statuses(all)).toEqual(['two cancelled', 'four cancelled', 'base cancelled']);
		expect(now().heard.calls.filter((call) => call.startsWith('train'))).toEqual(['train 4']);
		expect(now().heard.calls).not.toContain('save 1');
	});

	test('before the first thread is ready begins nothing', async () => {
		now().abort.abort();
		expect(statuses(await study([jobOf('two', 2)]))).toEqual(['two cancelled']);
		expect(now().heard.calls).toEqual([]);
	});
});

describe('a run in the store', () => {
	const stored = async (change: Partial<RunDetail>, tasks = [task]) => {
		const id = await runId(jobOf('two', 2).spec!);
		const record = { id, status: 'finished' } as RunDetail['record'];
		const metrics = [{ step: 0, loss: 3, seconds: 2 }] as RunDetail['metrics'] & object[];
		const measurements = [{ step: 0, rows: [row], predictions: [] }];
		now().kept.results.set(id, { record, metrics, measurements, ...change });
		now().kept.finals.set(`${id} ${await tasksId(tasks)}`, [row]);
	};

	test('that is finished and measured is not trained again', async () => {
		await stored({});
		const [result] = await study([jobOf('two', 2)]);
		expect(result).toMatchObject({ stored: true, status: 'finished', rows: [row] });
		expect(result?.seconds.training).toBe(2);
		expect(result?.measurements).toHaveLength(1);
		expect([now().heard.calls, now().heard.opened]).toEqual([[], 0]);
	});

	test('that was stopped is run', async () => {
		await stored({ record: { status: 'stopped' } as RunDetail['record'] });
		const [result] = await study([jobOf('two', 2)]);
		expect(result).toMatchObject({ stored: false, status: 'finished' });
		expect(now().heard.calls).toContain('train 2');
	});

	test('that was measured on other items is measured', async () => {
		const items = [{ prompt: 'A: z\nB: ', answer: 'y' }] as const;
		await stored({}, [{ ...task, items }] as unknown as (typeof task)[]);
		const [result] = await study([jobOf('two', 2)]);
		expect(result).toMatchObject({ stored: false, status: 'finished' });
		expect(now().heard.calls).toContain('evaluate current');
	});

	test('that lacks a part of the curve that is needed is made anew', async () => {
		await stored({});
		const probe = { tasks: [task], every: [5] };
		const job = { ...jobOf('two', 2), probe, needsCurve: true };
		await study([{ ...job, needsCurve: false }]);
		expect(now().heard.calls).toEqual([]);
		await study([job]);
		expect(now().heard.calls.slice(2, 4)).toEqual(['delete', 'train 2']);
	});

	test('the base model is measured once', async () => {
		await study([jobOf('base', null)]);
		const [again] = await study([jobOf('base', null)]);
		expect(again).toMatchObject({ stored: true, run: null, rows: [row] });
		expect(now().heard.calls.filter((call) => call === 'evaluate base')).toHaveLength(1);
	});
});

test('where the device cannot be started, nothing is promised', async () => {
	const refuse = () => Promise.reject(namedError('NoAdapter', 'no WebGPU'));
	const broken = (): Connection<TrainerApi> => {
		const connection = fakeTrainer(
			(job) => Promise.resolve(finished(job)),
			'wasm',
			row,
			now().heard,
		);
		return { ...connection, api: { ...connection.api, start: refuse } };
	};
	const running = study([jobOf('two', 2)], undefined, { openTrainer: broken });
	await expect(running).rejects.toMatchObject({ name: 'NoAdapter' });
});
