/** How far each configuration of a study is: what the runner tells, folded into one record per configuration. Pure. */
import type { Measurement, MetricRow, Prediction } from '../contract/evaluation.ts';
import type { Study, StudyPoint } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import { pointCost, timeSideBySide } from './demoCost.ts';
import { type Score, wordScore } from './demoScores.ts';

/** A live score: both directions after so many updates. */
export interface CurvePoint {
	readonly step: number;
	readonly understands: Score | null;
	readonly speaks: Score | null;
}

export type PointState = 'waiting' | 'running' | 'measuring' | 'done' | 'failed';

export interface PointProgress {
	readonly point: StudyPoint;
	readonly state: PointState;
	/** Region being trained, counted from 0; of sequential configurations there are several. */
	readonly stage: number;
	/** Updates done over all stages, and to be done. */
	readonly step: number;
	readonly steps: number;
	/** Mean loss of each update so far. */
	readonly losses: readonly { readonly step: number; readonly loss: number }[];
	readonly curve: readonly CurvePoint[];
	/** What was said at each live measurement, oldest first. */
	readonly said: readonly { readonly step: number; readonly predictions: readonly Prediction[] }[];
	/** Everything the table shows; empty until the end. */
	readonly rows: readonly MetricRow[];
	/** When it was trained, where that was before this sitting; null: now. */
	readonly storedAt: number | null;
}

/** A study at its beginning, `steps` updates a stage. */
export function atBeginning(study: Study, steps: number): readonly PointProgress[] {
	return study.points.map((point) => ({
		point,
		state: 'waiting',
		stage: 0,
		step: 0,
		steps: steps * point.stages.length,
		losses: [],
		curve: [],
		said: [],
		rows: [],
		storedAt: null,
	}));
}

/** The list with one configuration changed. */
export function change(
	all: readonly PointProgress[],
	id: string,
	by: (one: PointProgress) => Partial<PointProgress>,
): readonly PointProgress[] {
	return all.map((one) => (one.point.id === id ? { ...one, ...by(one) } : one));
}

/** Takes what the trainer told of one stage. `perStage`: updates of a stage. */
export function takeTraining(
	one: PointProgress,
	stage: number,
	perStage: number,
	events: readonly TrainingEvent[],
): PointProgress {
	const before = stage * perStage;
	const steps = events.filter((event) => event.kind === 'step');
	const measured = events.filter((event) => event.kind === 'measured');
	const last = steps.at(-1);
	const moved: PointProgress = {
		...one,
		state: 'running',
		stage,
		step: last ? before + last.step + 1 : one.step,
		losses:
			steps.length === 0
				? one.losses
				: [
						...one.losses.filter(({ step }) => step < before + (steps[0]?.step ?? 0) + 1),
						...steps.map(({ step, loss }) => ({ step: before + step + 1, loss })),
					],
	};
	return measured.reduce((now, event) => takeMeasured(now, before, event), moved);
}

/** A measurement replaces an older one of the same step: the second stage measures first where the first one ended. */
function takeMeasured(one: PointProgress, before: number, measured: Measurement): PointProgress {
	const step = before + measured.step;
	const scores: CurvePoint = {
		step,
		understands: wordScore(measured.rows, 'understands'),
		speaks: wordScore(measured.rows, 'speaks'),
	};
	return {
		...one,
		curve: [...one.curve.filter((other) => other.step < step), scores],
		said: [
			...one.said.filter((other) => other.step < step),
			{ step, predictions: measured.predictions },
		],
	};
}

/** Share of a configuration's work that is done, in [0, 1]. */
export function shareDone({ state, step, steps }: PointProgress): number {
	if (state === 'done') return 1;
	// The final measurement is the last tenth.
	return steps === 0 ? 0 : (0.9 * step) / steps;
}

/** Share of a study's work that is done, in [0, 1]. */
export function studyShare(all: readonly PointProgress[], layers: number): number {
	const total = all.reduce((sum, { point }) => sum + pointCost(point, layers), 0);
	const done = all.reduce((sum, one) => sum + pointCost(one.point, layers) * shareDone(one), 0);
	return total === 0 ? 1 : done / total;
}

/**
 * Seconds until the study is done, from the work done in `elapsed` seconds; null while next to nothing is done.
 * What was taken from the store (`storedAt`) cost no time.
 */
export function studySecondsLeft(
	all: readonly PointProgress[],
	{ layers, workers, elapsed }: { layers: number; workers: number; elapsed: number },
): number | null {
	const trained = all.filter(({ storedAt }) => storedAt === null);
	const cost = (one: PointProgress) => pointCost(one.point, layers);
	const done = trained.reduce((sum, one) => sum + cost(one) * shareDone(one), 0);
	const left = trained.map((one) => cost(one) * (1 - shareDone(one)));
	if (done < 0.1) return null;
	const busy = Math.min(workers, Math.max(1, trained.length));
	return (timeSideBySide(left, busy) * busy * elapsed) / done;
}
