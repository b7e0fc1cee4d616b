/** From a figure to its runs: grids and budgets for a model of L layers. Pure. */
import { namedError } from '../../contract/errors.ts';
import type { LayerScores, RankingMethod } from '../../contract/selection.ts';
import { adapterTargets, type RunSpec, type Selection } from '../../contract/spec.ts';
import type { AdapterChoice, StudyPoint } from '../../contract/study.ts';
import { defaultBudget, lastPosition, layerSet } from '../../selection/positional.ts';
import { bestLayers } from '../../selection/ranking.ts';
import type { PaperFigure, Part, SeriesName } from './figure.ts';
import { named } from './named.ts';

export interface FigureSetting {
	/** L, decoder layers of the model: at least 2. */
	readonly layers: number;
	/** Layers that CogSym's sweep grows by: 4 (two at each end) or 2. */
	readonly cogsymStep: 2 | 4;
	/** k where a figure has one budget; null: a quarter of the layers. */
	readonly budget: number | null;
	readonly adapter: AdapterChoice;
	/** Those there are; without one, what it chooses is left out. */
	readonly rankings: Readonly<Partial<Record<RankingMethod, Pick<LayerScores, 'ranking'>>>>;
}

export interface FigurePoint extends StudyPoint {
	readonly series: SeriesName;
}

/** Layers that front and rear grow by. */
const STEP = 2;

const none = { adapter: null, position: null } as const;

/**
 * The points of a figure. Equal layer sets are named alike (`named`), so that points which figures share have one
 * specification, and one run.
 * @throws BadInput where the model has fewer than 2 layers, or the budget does not fit it.
 */
export function expand(figure: PaperFigure, setting: FigureSetting): readonly FigurePoint[] {
	const { layers, adapter } = setting;
	if (layers < 2)
		throw namedError(
			'BadInput',
			`${figure.id} compares front and rear layers: the model has ${layers}; take one with 2 or more`,
		);
	const points = figure.parts.flatMap((part) => pointsOf(part, setting));
	return points.map((point) => {
		const stages = point.stages.map((selection) => named(selection, layers));
		const adapted = figure.lora && point.series !== 'full' && stages.length > 0;
		if (!adapted) return { ...point, stages };
		return { ...point, id: `lora-${point.id}`, label: `LoRA ${point.label}`, stages, adapter };
	});
}

function pointsOf(part: Part, setting: FigureSetting): FigurePoint[] {
	const { layers } = setting;
	const k = setting.budget ?? defaultBudget(layers);
	switch (part.kind) {
		case 'base':
			return [{ id: 'base', label: 'Base', series: 'base', stages: [], ...none }];
		case 'full': {
			const stages = [{ method: 'full' }] as const;
			return [{ id: 'full', label: 'Full', series: 'full', stages, ...none }];
		}
		case 'sweep':
			return sweep(part.region, part.x, setting);
		case 'quarter':
			return [{ ...regionPoint(part.region, k), position: null }];
		case 'positions':
			return Array.from({ length: lastPosition(layers, k) + 1 }, (_, position) =>
				positionPoint(layers, k, position),
			);
		case 'ranked':
			return ranked(part.method, k, setting);
		case 'sequence':
			return [sequence(part.first, k)];
	}
}

const titles = { front: 'Front', rear: 'Rear', cogsym: 'CogSym' } as const;

function regionPoint(method: keyof typeof titles, k: number): FigurePoint {
	const about = { id: `${method}-${k}`, label: `${titles[method]} ${k}`, series: method };
	return { ...about, stages: [{ method, k }], adapter: null, position: k };
}

/** Budgets from `step` on, and all layers where the steps miss them. */
export function budgets(layers: number, step: number): number[] {
	const grid = Array.from({ length: Math.floor(layers / step) }, (_, i) => step * (i + 1));
	return grid.at(-1) === layers ? grid : [...grid, layers];
}

function sweep(
	region: keyof typeof titles,
	x: 'budget' | 'one region',
	{ layers, cogsymStep }: FigureSetting,
): FigurePoint[] {
	const ends = region === 'cogsym' && x === 'one region' ? 2 : 1;
	return budgets(layers, region === 'cogsym' ? cogsymStep : STEP).map((k) => ({
		...regionPoint(region, k),
		position: k / ends,
	}));
}

function positionPoint(layers: number, k: number, position: number): FigurePoint {
	const selection: Selection = { method: 'position', k, position };
	const chosen = layerSet(selection, layers).layers;
	return {
		...{ id: `position-${position}`, label: `P${position}: ${ranges(chosen)}` },
		...{ series: 'position', stages: [selection], adapter: null, position },
	};
}

/** `0-3, 28-31`. */
export function ranges(layers: readonly number[]): string {
	const runs: [number, number][] = [];
	for (const layer of layers) {
		const last = runs.at(-1);
		if (last?.[1] === layer - 1) last[1] = layer;
		else runs.push([layer, layer]);
	}
	return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

const methods = {
	fisher: 'Fisher information',
	lape: 'Language neurons',
	'heavy-tail': 'Heavy tails',
};

/** Embedding and head train as with CogSym, so that only the layers differ. */
function ranked(method: RankingMethod, k: number, { rankings }: FigureSetting): FigurePoint[] {
	const scores = rankings[method];
	if (scores === undefined) return [];
	const layers = bestLayers(scores.ranking, k);
	const chosen = {
		method: 'layers',
		layers,
		embedding: true,
		head: true,
		finalNorm: false,
	} as const;
	const about = { id: `${method}-${k}`, label: methods[method], series: method };
	return [{ ...about, stages: [chosen], adapter: null, position: null }];
}

/** Each stage is as long as CogSym's one. */
function sequence(first: 'front' | 'rear', k: number): FigurePoint {
	const front: Selection = { method: 'front', k: Math.ceil(k / 2) };
	const rear: Selection = { method: 'rear', k: Math.max(1, Math.floor(k / 2)) };
	const frontFirst = first === 'front';
	const series = frontFirst ? 'front-rear' : 'rear-front';
	const label = frontFirst ? 'Front, then rear' : 'Rear, then front';
	const stages = frontFirst ? [front, rear] : [rear, front];
	return { id: `${series}-${k}`, label, series, stages, ...none };
}

/** The run of a point, everything but the layers as in `base`; null for the base model. */
export function pointSpec(point: StudyPoint, base: RunSpec): RunSpec | null {
	const [selection, ...stages] = point.stages;
	if (selection === undefined) return null;
	const spec: RunSpec = { ...base, selection };
	delete spec.stages;
	delete spec.tune;
	return {
		...spec,
		...(stages.length === 0 ? {} : { stages }),
		...(point.adapter === null ? {} : { tune: tuneOf(point.adapter, base) }),
	};
}

/** Adapters as `base` states them; else on every linear layer, without dropout. */
function tuneOf({ rank, alpha }: AdapterChoice, { tune }: RunSpec): NonNullable<RunSpec['tune']> {
	return { kind: 'lora', dropout: 0, targets: [...adapterTargets], ...tune, rank, alpha };
}
