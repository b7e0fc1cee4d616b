/** Figures show what their rows say, with the paper's colours and marks. */
import { describe, expect, it } from 'vitest';
import { figures } from '../paper/figures.ts';
import type { FigureRow } from '../paper/plan.ts';
import { figureSvg } from './figureSvg.ts';
import { marksOf } from './marks.ts';

const row = (series: FigureRow['series'], change: Partial<FigureRow> = {}): FigureRow => ({
	...{ figure: 'figure-1', language: 'javanese', seed: 1, point: series, label: series, series },
	...{ x: null, step: null, layers: [], measure: 'words-production', metric: 'exact-match' },
	...{ mean: 0.5, sd: null, runs: 1, count: 90, run: null },
	...change,
});
const draw = (id: keyof typeof figures, rows: FigureRow[], rankings = {}) =>
	figureSvg(figures[id], {
		rows: rows.map((one) => ({ ...one, figure: id })),
		rankings,
		layers: 8,
	});

describe('a sweep', () => {
	const rows = [
		row('base', { mean: 0 }),
		row('front', { point: 'front-2', x: 2, mean: 0.25 }),
		row('front', { point: 'front-8', x: 8, mean: 1 }),
		row('cogsym', { point: 'cogsym-4', x: 4, mean: 0.75, sd: 0.1 }),
		row('full', { mean: 1 }),
	];
	const svg = draw('figure-1', rows);

	it('has dotted lines at base and full, in green and red', () => {
		expect(svg).toMatch(
			/<line [^>]*y1="196" y2="196" class="base" stroke="#2e8b57"[^>]*stroke-dasharray/,
		);
		expect(svg).toMatch(
			/<line [^>]*y1="28" y2="28" class="full" stroke="#d62728"[^>]*stroke-dasharray/,
		);
	});

	it('places budgets from left to right and scores from below', () => {
		expect(svg).toContain('<polyline points="118.0,154.0 340.0,28.0"');
		expect(svg).toMatch(/stroke="#2ca02c" stroke-width="2" class="cogsym"/);
		expect(svg.match(/class="sd"/g)).toHaveLength(1);
		expect(svg).toContain('CogSym (both)');
	});

	it('has one panel for each measure there is', () => {
		const more = [...rows, row('base', { measure: 'exam', metric: 'accuracy' })];
		expect(draw('figure-1', more).match(/data-measure/g)).toHaveLength(2);
		expect(draw('figure-1', [])).toContain('Nothing of this figure was measured yet');
	});
});

it('positions carry red bars where their layers lie', () => {
	const svg = draw('figure-5', [
		row('position', { label: 'P1: 2-3', layers: [2, 3] }),
		row('full', { mean: 1 }),
	]);
	expect(svg.match(/fill="#d62728" class="trained"/g)).toHaveLength(2);
	expect(svg).toContain('P1: 2-3');
});

it('curves end at the dotted line of the full model', () => {
	const full = [0, 10, 20].map((step) => row('full', { step, mean: step / 20 }));
	const svg = draw('figure-4', full);
	expect(svg.match(/class="full"/g)).toHaveLength(2);
	expect(svg).toMatch(/y1="28" y2="28" class="full"/);
});

it('labels and legend take as many lines as fit their width', () => {
	const rows = (['cogsym', 'fisher', 'lape', 'heavy-tail'] as const).map((series) =>
		row(series, { figure: 'figure-6', label: `${series} information` }),
	);
	const drawn = { rows, rankings: {}, layers: 8 };
	const [wide, narrow] = ([2, 1] as const).map((columns) =>
		figureSvg(figures['figure-6'], drawn, columns),
	);
	expect(wide).toMatch(/>fisher<\/text><text [^>]*>information</);
	expect([wide, narrow].map((svg) => /viewBox="0 0 (\d+) (\d+)"/.exec(svg!)!.slice(1))).toEqual([
		['720', '324'],
		['360', '342'],
	]);
});

it('ranks are darker the earlier a layer is chosen', () => {
	const ranking = [7, 6, 5, 4, 3, 2, 1, 0];
	const svg = draw('figure-7', [], { fisher: { ranking } });
	expect(svg).toContain(
		'<rect x="637.75" y="90" width="71.25" height="28" fill="#ff00ff" fill-opacity="1" class="fisher"><title>layer 7: rank 1',
	);
	expect(svg.match(/class="cogsym"/g)).toHaveLength(8);
	expect(svg).not.toContain('heavy tails');
});

it('spreads over seeds where there are several, else over evaluation runs', () => {
	const [two] = marksOf([row('front', { mean: 0.4, sd: 9 }), row('front', { mean: 0.6, seed: 2 })]);
	expect(two?.mean).toBeCloseTo(0.5, 12);
	expect(two?.sd).toBeCloseTo(Math.SQRT2 / 10, 12);
	expect(marksOf([row('front', { sd: 0.1 })])[0]?.sd).toBe(0.1);
});

it('draws what goes to 100 in hundredths, and says so', () => {
	const chrf = { metric: 'chrf++', measure: 'translation-production' } as const;
	const rows = [
		row('base', { ...chrf, mean: 50 }),
		row('front', { ...chrf, x: 2, mean: 25, sd: 5 }),
	];
	expect(marksOf(rows).map(({ mean, sd }) => [mean, sd])).toEqual([
		[0.5, null],
		[0.25, 0.05],
	]);
	expect(draw('figure-1', rows)).toContain('(chrf++ / 100)');
});

it('takes no markup from labels', () => {
	expect(draw('figure-5', [row('position', { label: '<b>"&' })])).toContain('&lt;b&gt;&quot;&amp;');
});
