/** One run is trained once, whoever wants it; the queue of a running study can be changed. */
import { describe, expect, test } from 'vitest';
import { runId, tasksId } from '../contract/runId.ts';
import type { StudyQueue } from './studyQueue.ts';
import {
	fakeStudies,
	finished,
	jobOf,
	layersOf,
	row,
	statuses,
	task,
	type Training,
} from './testing.ts';

const { now, study } = fakeStudies();
const trained = () => now().heard.calls.filter((call) => call.startsWith('train'));

describe('jobs of one run', () => {
	test('train it once', async () => {
		const [one, other] = await study([jobOf('one', 2), jobOf('other', 2)], undefined, {
			workers: 2,
		});
		expect([one?.stored, other?.stored].sort()).toEqual([false, true]);
		expect(other?.rows).toEqual([row]);
		expect(trained()).toEqual(['train 2']);
	});

	test('wait for the tab that trains it, after everything else', async () => {
		const id = await runId(jobOf('four', 4).spec!);
		let free: () => void = () => undefined;
		const elsewhere = navigator.locks.request(`job:${id}`, async () => {
			await new Promise<void>((resolve) => (free = resolve));
			await now().kept.api.saveFinal(id, await tasksId([task]), [row]);
		});
		const running = study([jobOf('two', 2), jobOf('four', 4)]);
		await expect.poll(() => now().heard.calls.includes('train 2')).toBe(true);
		free();
		const all = await running;
		await elsewhere;
		expect(all.map(({ stored }) => stored)).toEqual([false, true]);
		expect(now().heard.calls).not.toContain('train 4');
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
		const all = await study(jobs, training, {
			onEvent: (event) => {
				if (event.kind === 'planned') ({ queue } = event);
				if (event.kind === 'ended' && event.result.status === 'cancelled')
					queue?.retry(event.result.job);
			},
		});
		expect(statuses(all)).toEqual([
			...['two finished', 'four finished', 'six finished', 'eight finished'],
		]);
		expect(trained()).toEqual([...['train 8', 'train 2', 'train 6', 'train 4', 'train 8']]);
	});
});
