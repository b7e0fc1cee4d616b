/** Several figures need each run once, and find their numbers again. */
import { expect, it } from 'vitest';
import type { MetricRow } from '../../contract/evaluation.ts';
import type { FigureSetting } from './expand.ts';
import { figures } from './figures.ts';
import { curveSteps, figureRows, planFigures, type PointOutcome } from './plan.ts';

const setting: FigureSetting = {
	...{ layers: 8, budget: 4, adapter: { rank: 16, alpha: 16 } },
	cogsymStep: 4,
	rankings: { fisher: { ranking: [0, 7, 1, 6, 2, 3, 4, 5] } },
};
const plan = planFigures(
	[figures['figure-1'], figures['figure-3'], figures['figure-4'], figures['figure-6']],
	setting,
);
const row = (mean: number): MetricRow => ({
	...{ task: 'words-production', subject: 'English to Javanese', metric: 'exact-match' },
	...{ weights: 'adapted', mean, sd: null, runs: 1, count: 90, shortened: 0 },
});
const outcome = (point: string, change: Partial<PointOutcome> = {}): PointOutcome => ({
	...{ point, language: 'javanese', seed: 1, run: `run of ${point}`, rows: [row(0.5)] },
	...{ measurements: [0, 25, 50].map((step) => ({ step, rows: [row(step / 100)] })) },
	...change,
});

it('runs what figures share once', () => {
	expect(plan.points.map(({ id }) => id)).toEqual([
		...['base', 'front-2', 'front-4', 'front-6', 'front-8'],
		...['rear-2', 'rear-4', 'rear-6', 'rear-8', 'cogsym-4', 'cogsym-8', 'full'],
	]);
	const sixth = plan.figures[3]!.points.map(({ point, run }) => `${point.id}: ${run}`);
	expect(sixth).toEqual(['base: base', 'cogsym-4: cogsym-4', 'fisher-4: cogsym-4', 'full: full']);
	expect([...plan.curves]).toEqual(['front-4', 'rear-4', 'cogsym-4', 'full']);
});

it('lays a run where each figure wants it', () => {
	const rows = figureRows(plan, [outcome('cogsym-4'), outcome('base', { run: null })], 8);
	const places = rows.map(({ figure, series, x, step, mean }) => [figure, series, x, step, mean]);
	expect(places).toEqual([
		['figure-1', 'base', null, null, 0.5],
		['figure-1', 'cogsym', 4, null, 0.5],
		['figure-3', 'base', null, null, 0.5],
		['figure-3', 'cogsym', 2, null, 0.5],
		['figure-4', 'base', null, null, 0.5],
		['figure-4', 'cogsym', null, 0, 0],
		['figure-4', 'cogsym', null, 25, 0.25],
		['figure-4', 'cogsym', null, 50, 0.5],
		['figure-6', 'base', null, null, 0.5],
		['figure-6', 'cogsym', null, null, 0.5],
		['figure-6', 'fisher', null, null, 0.5],
	]);
	expect(rows[1]).toMatchObject({ layers: [0, 1, 6, 7], run: 'run of cogsym-4', count: 90 });
});

it('leaves other languages out of a figure of one', () => {
	const sundanese = outcome('full', { language: 'sundanese' });
	const found = new Set(figureRows(plan, [sundanese], 8).map(({ figure }) => figure));
	expect(found.has('figure-1')).toBe(false);
	expect(found.has('figure-3')).toBe(true);
});

it('measures a curve at steps that double', () => {
	expect(curveSteps(320)).toEqual([25, 50, 100, 200]);
	expect(curveSteps(25)).toEqual([]);
});
