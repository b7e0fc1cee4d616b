/** What the runner of a demo study tells: collected for the result, counted in updates of all runs for the terminal. */
import type { StudyResult } from '../clients/studyResult.ts';
import type { StudyEvent } from '../clients/studyRunner.ts';
import type { Measurement } from '../contract/evaluation.ts';
import { totalSteps } from '../contract/spec.ts';
import type { StudyJob } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import type { DeviceReport } from '../contract/trainerApi.ts';
import { report, reportProgress } from './threads.ts';

type Curve = readonly Omit<Measurement, 'predictions'>[];

/** A point on one language and seed, as the JSON has it. */
export interface DemoRun extends Omit<StudyResult, 'job' | 'error' | 'metrics' | 'measurements'> {
	readonly language: string;
	readonly seed: number;
	readonly point: string;
	readonly error: string | null;
	/** Of every update. */
	readonly losses: readonly number[];
	/** What the probes measured, without the answers. */
	readonly curve: Curve;
}

/** `since`: seconds from the beginning of the study. */
export function watchDemo(jobs: readonly StudyJob[], since: () => number) {
	const losses = new Map<string, number[]>();
	const curves = new Map<string, Curve[number][]>();
	let device: DeviceReport | null = null;
	let workers = 0;
	let firstLoss: number | null = null;
	let firstProbe: number | null = null;
	let ended = 0;
	const total = jobs.reduce((sum, { spec }) => sum + (spec ? totalSteps(spec) : 0), 0);

	const take = (job: string, event: TrainingEvent): void => {
		if (event.kind === 'step') {
			firstLoss ??= since();
			losses.get(job)?.push(event.loss);
		}
		if (event.kind === 'measured') {
			firstProbe ??= since();
			curves.get(job)?.push({ step: event.step, rows: event.rows });
		}
	};
	/** What was told when the run was made. */
	const recall = ({ job, metrics, measurements }: StudyResult): void => {
		losses.set(
			job,
			metrics.map(({ loss }) => loss),
		);
		curves.set(
			job,
			measurements.map(({ step, rows }) => ({ step, rows })),
		);
	};
	const onEvent = (event: StudyEvent): void => {
		switch (event.kind) {
			case 'device':
				({ report: device, workers } = event);
				report({ ...event });
				break;
			case 'started':
				losses.set(event.job, []);
				curves.set(event.job, []);
				break;
			case 'training':
				for (const one of event.events) take(event.job, one);
				break;
			case 'measuring':
				break;
			case 'ended': {
				ended++;
				const { error, job, status, stored, seconds } = event.result;
				if (stored) recall(event.result);
				report({ kind: 'ended', job, status, stored, seconds, error: error?.message ?? null });
			}
		}
		const done = [...losses.values()].reduce((sum, { length }) => sum + length, 0);
		reportProgress({ done, total, label: `updates, ${ended} of ${jobs.length} points done` });
	};
	const runOf = (result: StudyResult): DemoRun =>
		demoRun(result, losses.get(result.job) ?? [], curves.get(result.job) ?? []);
	return { onEvent, runOf, seen: () => ({ device, workers, firstLoss, firstProbe }) };
}

function demoRun(result: StudyResult, losses: DemoRun['losses'], curve: Curve): DemoRun {
	const { job, run, status, stored, rows, seconds, error } = result;
	const [language = '', seed = '', point = ''] = job.split('/');
	const about = { language, seed: Number(seed), point, run, status, stored };
	return { ...about, rows, seconds, error: error?.message ?? null, losses, curve };
}
