/** One run is trained once, whoever wants it; the queue of a running study can be changed. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runId, tasksId } from '../contract/runId.ts';
import type { StudyJob } from '../contract/study.ts';
import type { StudyQueue } from './studyQueue.ts';
import type { StudyResult } from './studyResult.ts';
import { runStudy } from './studyRunner.ts';
import {
	fakeLocks,
	fakeStore,
	fakeTrainer,
	finished,
	type Heard,
	jobOf,
	layersOf,
	row,
	task,
	type Training,
} from './testing.ts';

let heard: Heard;
let kept: ReturnType<typeof fakeStore>;
const { signal } = new AbortController();
beforeEach(() => {
	heard = { calls: [], opened: 0, closed: 0 };
	kept = fakeStore(heard);
	vi.stubGlobal('navigator', { locks: fakeLocks() });
});
afterEach(() => {
	vi.unstubAllGlobals();
	expect(heard.closed).toBe(heard.opened);
});

const study = (jobs: readonly StudyJob[], workers: number) =>
	runStudy({
		...{
			jobs,
			model: { id: 'm', untie: false },
			store: kept.api,
			backend: 'auto',
			workers,
			signal,
		},
		openTrainer: () => fakeTrainer((job) => Promise.resolve(finished(job)), 'wasm', row, heard),
		onEvent: () => undefined,
	});
const statuses = (all: readonly StudyResult[]) => all.map(({ job, status }) => `${job} ${status}`);

describe('jobs of one run', () => {
	test('train it once', async () => {
		const [one, other] = await study([jobOf('one', 2), jobOf('other', 2)], 2);
		expect([one?.stored, other?.stored].sort()).toEqual([false, true]);
		expect(other?.rows).toEqual([row]);
		expect(heard.calls.filter((call) => call.startsWith('train'))).toEqual(['train 2']);
	});

	test('wait for the tab that trains it, after everything else', async () => {
		const id = await runId(jobOf('four', 4).spec!);
		let free: () => void = () => undefined;
		const elsewhere = navigator.locks.request(`job:${id}`, async () => {
			await new Promise<void>((resolve) => (free = resolve));
			await kept.api.saveFinal(id, await tasksId([task]), [row]);
		});
		const running = study([jobOf('two', 2), jobOf('four', 4)], 1);
		await expect.poll(() => heard.calls.includes('train 2')).toBe(true);
		free();
		const all = await running;
		await elsewhere;
		expect(all.map(({ stored }) => stored)).toEqual([false, true]);
		expect(heard.calls).not.toContain('train 4');
	});
});

describe('the queue', () => {
	test('is reordered, and jobs are taken out, ended and put in again', async () => {
		let queue: StudyQueue | null = null;
		let lasts = true;
		const training: Training = async (job, _dies, stopped) => {
			if (layersOf(job.spec) !== 8 || !lasts) return finished(job);
			lasts = false;
			queue?.move('two', -2);
			queue?.cancel('four');
			expect(queue?.waiting()).toEqual(['two', 'six', 'four']);
			queue?.cancel('eight');
			await stopped;
			return finished(job, 'stopped');
		};
		const jobs = ['two', 'four', 'six', 'eight'].map((id, i) => jobOf(id, 2 * (i + 1)));
		const all = await runStudy({
			...{ jobs, model: { id: 'm', untie: false }, store: kept.api, backend: 'auto', workers: 1 },
			openTrainer: () => fakeTrainer(training, 'wasm', row, heard),
			onEvent: (event) => {
				if (event.kind === 'planned') ({ queue } = event);
				if (event.kind === 'ended' && event.result.status === 'cancelled')
					queue?.retry(event.result.job);
			},
			signal,
		});
		expect(statuses(all)).toEqual([
			...['two finished', 'four finished', 'six finished', 'eight finished'],
		]);
		expect(heard.calls.filter((call) => call.startsWith('train'))).toEqual([
			...['train 8', 'train 2', 'train 6', 'train 4', 'train 8'],
		]);
	});
});
