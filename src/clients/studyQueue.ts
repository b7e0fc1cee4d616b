/** The jobs of a running study as its user may change them. */
import type { StudyJob } from '../contract/study.ts';
import { type Waiting, waiting } from './pool.ts';

export interface StudyQueue {
	/** Ids of the jobs that have not begun, in the order they will. */
	readonly waiting: () => readonly string[];
	/** Moves a waiting job by so many places: negative, nearer to its beginning. */
	readonly move: (id: string, by: number) => void;
	/** Takes a waiting job out, or ends a running one, whose run keeps a checkpoint. */
	readonly cancel: (id: string) => void;
	/** Puts a job that failed or was cancelled in again, last. */
	readonly retry: (id: string) => void;
}

interface Held<Job> {
	/** Shared with the pool. */
	readonly queue: Waiting<Job>[];
	/** Ends a running job, by its id. */
	readonly halts: ReadonlyMap<string, () => void>;
	/** Told of a waiting job that was taken out. */
	readonly dropped: (job: Job) => void;
}

export function studyQueue<Job extends { readonly job: StudyJob }>({
	queue,
	halts,
	dropped,
}: Held<Job>): StudyQueue {
	const all = new Map(queue.map((one) => [one.job.job.id, one.job]));
	const placeOf = (id: string) => queue.findIndex(({ job }) => job.job.id === id);
	return {
		waiting: () => queue.map(({ job }) => job.job.id),
		move(id, by) {
			const from = placeOf(id);
			if (from < 0) return;
			const to = Math.min(queue.length - 1, Math.max(0, from + by));
			queue.splice(to, 0, ...queue.splice(from, 1));
		},
		cancel(id) {
			const place = placeOf(id);
			if (place < 0) halts.get(id)?.();
			else for (const { job } of queue.splice(place, 1)) dropped(job);
		},
		retry(id) {
			const job = all.get(id);
			if (job && placeOf(id) < 0 && !halts.has(id)) queue.push(waiting(job));
		},
	};
}
