/** Several figures at once: the runs they need, each once, and the rows they are drawn from. Pure. */
import type {
	EvaluationTask,
	Measurement,
	MetricRow,
	NewLanguage,
} from '../../contract/evaluation.ts';
import { canonicalJson, type RunSpec, totalSteps } from '../../contract/spec.ts';
import { selectedLayers } from '../../selection/positional.ts';
import { type MeasureId, measures, scoreOf } from '../measures.ts';
import { expand, type FigurePoint, type FigureSetting, pointSpec } from './expand.ts';
import type { FigureId, PaperFigure, SeriesName } from './figure.ts';

export interface FigurePlan {
	/** In the order of the figures, without what an earlier one has. */
	readonly points: readonly FigurePoint[];
	/** Every point of a figure, and the id of the one of `points` that is its run. */
	readonly figures: readonly {
		readonly figure: PaperFigure;
		readonly points: readonly { readonly point: FigurePoint; readonly run: string }[];
	}[];
	/** Ids of `points` that have to be measured while they train. */
	readonly curves: ReadonlySet<string>;
}

export function planFigures(chosen: readonly PaperFigure[], setting: FigureSetting): FigurePlan {
	const distinct = new Map<string, FigurePoint>();
	const curves = new Set<string>();
	const planned = chosen.map((figure) => ({
		figure,
		points: expand(figure, setting).map((point) => {
			const key = canonicalJson([point.stages, point.adapter]);
			const known = distinct.get(key) ?? point;
			distinct.set(key, known);
			if (figure.drawn === 'steps' && point.stages.length > 0) curves.add(known.id);
			return { point, run: known.id };
		}),
	}));
	return { points: [...distinct.values()], figures: planned, curves };
}

/** Updates after which figure 4 measures besides the first and the last one: 25, 50, 100, 200, ... below `last`. */
export function curveSteps(last: number): number[] {
	const steps: number[] = [];
	for (let step = 25; step < last; step *= 2) steps.push(step);
	return steps;
}

/** How the runs of a plan differ from `base`; those of a curve are measured on `probe` while they train. */
export function figureRuns(
	{ curves }: FigurePlan,
	base: RunSpec,
	probe: readonly EvaluationTask[],
) {
	const every = curveSteps(totalSteps(base));
	const needsCurve = ({ id }: Pick<FigurePoint, 'id'>) => curves.has(id);
	return {
		specOf: (point: FigurePoint) => pointSpec(point, base),
		needsCurve,
		probeOf: (point: FigurePoint) => (needsCurve(point) ? { tasks: probe, every } : null),
	};
}

/** What was measured at a point on one language and seed. */
export interface PointOutcome {
	/** Id among `FigurePlan.points`. */
	readonly point: string;
	readonly language: NewLanguage;
	readonly seed: number;
	readonly run: string | null;
	readonly rows: readonly MetricRow[];
	readonly measurements: readonly Pick<Measurement, 'step' | 'rows'>[];
}

/** One number of a figure. */
export interface FigureRow {
	readonly figure: FigureId;
	readonly language: NewLanguage;
	readonly seed: number;
	readonly point: string;
	readonly label: string;
	readonly series: SeriesName;
	/** Place on the figure's axis; null for what has none. */
	readonly x: number | null;
	/** Updates done; null: all. */
	readonly step: number | null;
	/** Decoder layers that were trained, in any stage. */
	readonly layers: readonly number[];
	readonly measure: MeasureId;
	readonly metric: string;
	readonly mean: number;
	/** Over evaluation runs; null of a single one. */
	readonly sd: number | null;
	readonly runs: number;
	readonly count: number;
	/** Id of the training run; null for the base model. */
	readonly run: string | null;
}

/** The rows of every planned figure, in the order of its points, then languages and seeds, then measures. */
export function figureRows(
	{ figures }: FigurePlan,
	outcomes: readonly PointOutcome[],
	layers: number,
): FigureRow[] {
	return figures.flatMap(({ figure, points }) =>
		points.flatMap(({ point, run }) =>
			outcomes
				.filter((outcome) => outcome.point === run)
				.filter(({ language }) => figure.language === null || figure.language === language)
				.flatMap((outcome) => pointRows(figure, point, outcome, layers)),
		),
	);
}

function pointRows(
	figure: PaperFigure,
	point: FigurePoint,
	outcome: PointOutcome,
	layers: number,
): FigureRow[] {
	const { language, seed, run } = outcome;
	const [selection, ...stages] = point.stages;
	const about = {
		...{ figure: figure.id, language, seed },
		...{ point: point.id, label: point.label, series: point.series, x: point.position },
		layers: selection ? selectedLayers({ selection, stages }, layers).sort((a, b) => a - b) : [],
	};
	const isCurve = figure.drawn === 'steps' && selection !== undefined;
	const measured = isCurve ? outcome.measurements : [{ step: null, rows: outcome.rows }];
	return measured.flatMap(({ step, rows }) =>
		measures
			.filter(({ id }) => figure.measures.includes(id))
			.flatMap((measure) => {
				const score = scoreOf(rows, measure, language);
				return score ? [{ ...about, step, measure: measure.id, ...score, run }] : [];
			}),
	);
}
