/** How far a study is, and how long it will take, from what its runner tells. */
import { totalSteps } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import type { StudyEvent } from './studyRunner.ts';

export interface Pace {
	/** Jobs that ended, of all. */
	readonly ended: number;
	readonly jobs: number;
	/** Updates done, of those that this session has to do. */
	readonly done: number;
	readonly total: number;
	/** null until anything was timed. */
	readonly secondsLeft: number | null;
}

/** `take` every event; `pace` tells how things stand. Work counts in floating point operations. */
export function studyPace(jobs: readonly StudyJob[]) {
	const steps = new Map(jobs.map(({ id, spec }) => [id, spec ? totalSteps(spec) : 0]));
	const done = new Map<string, number>();
	let work: ReadonlyMap<string, number> = new Map();
	let workers = 1;
	const timed = { work: 0, seconds: 0 };
	const measured = { jobs: 0, seconds: 0 };
	const over = new Set<string>();

	const perStep = (job: string) => (work.get(job) ?? 0) / Math.max(1, steps.get(job) ?? 0);
	const take = (event: StudyEvent): void => {
		if (event.kind === 'device') ({ workers } = event);
		if (event.kind === 'planned') ({ work } = event);
		// Once more, after it failed or was taken out.
		if (event.kind === 'started') over.delete(event.job);
		if (event.kind === 'training')
			for (const one of event.events) {
				if (one.kind !== 'step') continue;
				done.set(event.job, one.step + 1);
				timed.work += perStep(event.job);
				timed.seconds += one.seconds;
			}
		if (event.kind === 'ended') {
			const { job, seconds, stored } = event.result;
			over.add(job);
			if (stored || seconds.measuring === 0) return;
			measured.jobs++;
			measured.seconds += seconds.measuring;
		}
	};
	const secondsLeft = (): number | null => {
		if (timed.work === 0) return null;
		const open = [...work.keys()].filter((job) => !over.has(job));
		const operations = open.reduce(
			(sum, job) => sum + (work.get(job) ?? 0) - perStep(job) * (done.get(job) ?? 0),
			0,
		);
		const training = (operations * timed.seconds) / timed.work;
		const measuring = (open.length * measured.seconds) / Math.max(1, measured.jobs);
		return (training + measuring) / Math.min(workers, Math.max(1, open.length));
	};
	const pace = (): Pace => ({
		...{ ended: over.size, jobs: jobs.length },
		done: [...work.keys()].reduce(
			(sum, job) => sum + (over.has(job) ? (steps.get(job) ?? 0) : (done.get(job) ?? 0)),
			0,
		),
		total: [...work.keys()].reduce((sum, job) => sum + (steps.get(job) ?? 0), 0),
		secondsLeft: secondsLeft(),
	});
	return { take, pace };
}
