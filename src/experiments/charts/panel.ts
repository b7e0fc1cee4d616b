/** One measure of a figure: axes, the two dotted lines, and lines or bars between them. Pure. */
import type { PaperFigure, SeriesName } from '../paper/figure.ts';
import type { Mark } from './marks.ts';
import { colours, trainedColour } from './palette.ts';
import { label, linesOf, tag } from './svg.ts';

export const panelSize = { width: 360, height: 250 };
const box = { left: 44, right: 348, top: 28, bottom: 196 };

const y = (value: number) => box.bottom - Math.min(1, Math.max(0, value)) * (box.bottom - box.top);

/** Scores are from 0 to 1. */
function frame(title: string, axes: PaperFigure['axes']): string[] {
	const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
		tag('line', { x1: box.left, x2: box.right, y1: y(value), y2: y(value), stroke: '#ddd' }),
		label(box.left - 6, y(value) + 4, String(value), { 'text-anchor': 'end' }),
	]);
	const middle = (box.left + box.right) / 2;
	return [
		...grid,
		label(middle, 16, title, { 'text-anchor': 'middle', 'font-weight': 'bold' }),
		label(middle, panelSize.height - 6, axes.x, { 'text-anchor': 'middle' }),
		tag(
			'text',
			{
				transform: `translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)`,
				'text-anchor': 'middle',
			},
			axes.y,
		),
	];
}

/** Base and full: dotted across the panel. */
function references(marks: readonly Mark[]): string[] {
	return marks
		.filter(({ series }) => series === 'base' || series === 'full')
		.map(({ series, mean }) =>
			tag('line', {
				...{ x1: box.left, x2: box.right, y1: y(mean), y2: y(mean), class: series },
				...{ stroke: colours[series], 'stroke-width': 2, 'stroke-dasharray': '2 4' },
			}),
		);
}

function whisker(x: number, { mean, sd }: Mark): string[] {
	if (sd === null || sd === 0) return [];
	return [
		tag('line', { x1: x, x2: x, y1: y(mean - sd), y2: y(mean + sd), stroke: '#333', class: 'sd' }),
	];
}

/** Mean and spread of each series over the axis. */
export function linePanel(
	title: string,
	axes: PaperFigure['axes'],
	marks: readonly Mark[],
): string {
	const placed = marks.filter(({ x }) => x !== null);
	const places = [...new Set(placed.map(({ x }) => x ?? 0))].sort((a, b) => a - b);
	const most = Math.max(1, ...places);
	const at = (x: number | null) => box.left + ((x ?? 0) / most) * (box.right - box.left - 8);
	const names = [...new Set(placed.map(({ series }) => series))];
	const series = names.flatMap((name: SeriesName) => {
		const own = placed
			.filter((mark) => mark.series === name)
			.sort((a, b) => (a.x ?? 0) - (b.x ?? 0));
		const points = own.map(({ x, mean }) => `${at(x).toFixed(1)},${y(mean).toFixed(1)}`).join(' ');
		const stroke = colours[name];
		return [
			tag('polyline', { points, fill: 'none', stroke, 'stroke-width': 2, class: name }),
			...own.map(({ x, mean }) => tag('circle', { cx: at(x), cy: y(mean), r: 3, fill: stroke })),
			...own.flatMap((mark) => whisker(at(mark.x), mark)),
		];
	});
	const ticks = thinned(places, 9).map((x) =>
		label(at(x), box.bottom + 16, String(x), { 'text-anchor': 'middle' }),
	);
	const levels = lastOf(marks);
	return [...frame(title, axes), ...ticks, ...references(levels), ...series].join('');
}

/** One mark of base and full each: of a curve its end for full, its beginning for base. */
function lastOf(marks: readonly Mark[]): Mark[] {
	const base = marks.find(({ series }) => series === 'base');
	const full = marks.filter(({ series }) => series === 'full').at(-1);
	return [...(base ? [base] : []), ...(full ? [full] : [])];
}

function thinned(places: readonly number[], most: number): number[] {
	const every = Math.ceil(places.length / most);
	const last = places.length - 1;
	return places.filter((_, at) => at === last || (at % every === 0 && last - at >= every));
}

/** One bar for each point, and red bars under it where its trained layers lie among all `layers`. */
export function barPanel(
	title: string,
	axes: PaperFigure['axes'],
	marks: readonly Mark[],
	layers: number,
): string {
	const bars = marks.filter(({ series }) => series !== 'base' && series !== 'full');
	const slot = (box.right - box.left) / Math.max(1, bars.length);
	const width = Math.min(48, 0.6 * slot);
	const drawn = bars.flatMap((mark, index) => {
		const middle = box.left + (index + 0.5) * slot;
		const left = middle - width / 2;
		const strip = 0.86 * slot;
		const cell = strip / layers;
		return [
			tag('rect', {
				...{ x: left, y: y(mark.mean), width, height: box.bottom - y(mark.mean) },
				...{ fill: colours[mark.series], class: mark.series },
			}),
			...whisker(middle, mark),
			tag('rect', {
				...{ x: middle - strip / 2, y: box.bottom + 5, width: strip, height: 7 },
				...{ fill: 'none', stroke: '#999', 'stroke-width': 0.5 },
			}),
			...mark.layers.map((layer) =>
				tag('rect', {
					...{ x: middle - strip / 2 + layer * cell, y: box.bottom + 5, width: cell, height: 7 },
					...{ fill: trainedColour, class: 'trained' },
				}),
			),
			...linesOf(mark.label, slot, 9).map((line, at) =>
				label(middle, box.bottom + 24 + 10 * at, line, { 'text-anchor': 'middle', 'font-size': 9 }),
			),
		];
	});
	return [...frame(title, axes), ...references(lastOf(marks)), ...drawn].join('');
}
