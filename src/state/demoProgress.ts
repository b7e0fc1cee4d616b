/** How far each configuration of a study is: what the runner tells, folded into one record per configuration. Pure. */
import type { Measurement, Prediction } from '../contract/evaluation.ts';
import type { Study, StudyPoint } from '../contract/study.ts';
import type { TrainingEvent } from '../contract/training.ts';
import { pointCost, timeSideBySide } from './demoCost.ts';
import { type Direction, type Score, type Scores, scoresOf, wordScore } from './demoScores.ts';
import { append, type Series } from './series.ts';

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
	/** Updates done over all stages, and to be done. */
	readonly step: number;
	readonly steps: number;
	/** Of what was trained in this sitting. */
	readonly losses: Series;
	readonly curve: readonly CurvePoint[];
	/** What was said at each live measurement, oldest first. */
	readonly said: readonly { readonly step: number; readonly predictions: readonly Prediction[] }[];
	/** Everything the table shows; empty until the end. */
	readonly scores: Scores;
	/** When it was trained, where that was before this sitting; null: now. */
	readonly storedAt: number | null;
}

/** A study at its beginning, `steps` updates a stage. */
export function atBeginning(study: Study, steps: number): readonly PointProgress[] {
	return study.points.map((point) => ({
		point,
		state: 'waiting',
		step: 0,
		steps: steps * point.stages.length,
		losses: [],
		curve: [],
		said: [],
		scores: {},
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

/** Takes what the trainer told; updates are counted over all stages. */
export function takeTraining(one: PointProgress, events: readonly TrainingEvent[]): PointProgress {
	const steps = events.filter((event) => event.kind === 'step');
	const measured = events.filter((event) => event.kind === 'measured');
	const moved: PointProgress = {
		...one,
		state: 'running',
		step: (steps.at(-1)?.step ?? one.step - 1) + 1,
		losses: append(one.losses, steps),
	};
	return measured.reduce(takeMeasured, moved);
}

/** A run that is continued measures again where it goes on: the newer replaces the older. */
function takeMeasured(one: PointProgress, { step, rows, predictions }: Measurement): PointProgress {
	const scores = scoresOf(rows);
	const point: CurvePoint = {
		step,
		understands: wordScore(scores, 'understands'),
		speaks: wordScore(scores, 'speaks'),
	};
	return {
		...one,
		curve: [...one.curve.filter((other) => other.step < step), point],
		said: [...one.said.filter((other) => other.step < step), { step, predictions }],
	};
}

/** Live scores of the untrained model, which every configuration starts from; null until one has measured them. */
export function baseline(all: readonly PointProgress[]): CurvePoint | null {
	return all.flatMap(({ curve }) => curve).find(({ step }) => step === 0) ?? null;
}

/** What is known of a configuration now: at the end everything, before it the newest live scores. */
export function scoreNow(one: PointProgress, direction: Direction): Score | null {
	return wordScore(one.scores, direction) ?? one.curve.at(-1)?.[direction] ?? null;
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
