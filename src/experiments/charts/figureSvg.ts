/** A figure of the paper from its rows, as SVG text. Pure. */
import type { LayerScores, RankingMethod } from '../../contract/selection.ts';
import { positionalRanking } from '../../selection/positional.ts';
import { measures } from '../measures.ts';
import type { PaperFigure, SeriesName } from '../paper/figure.ts';
import type { FigureRow } from '../paper/plan.ts';
import { fullScore, marksOf } from './marks.ts';
import { colours, legends } from './palette.ts';
import { barPanel, linePanel, panelSize } from './panel.ts';
import { label, tag } from './svg.ts';

export interface FigureData {
	/** Of this figure or of several. */
	readonly rows: readonly FigureRow[];
	readonly rankings: Readonly<Partial<Record<RankingMethod, Pick<LayerScores, 'ranking'>>>>;
	/** Decoder layers of the model. */
	readonly layers: number;
}

const columns = 2;

/** One panel per measure that has rows; figure 7 is a map of ranks. */
export function figureSvg(figure: PaperFigure, data: FigureData): string {
	if (figure.drawn === 'ranks') return rankMap(figure, data);
	const rows = data.rows.filter((row) => row.figure === figure.id);
	const shown = measures.filter(({ id }) => rows.some((row) => row.measure === id));
	const panels = shown.map(({ id, title }, index) => {
		const marks = marksOf(rows.filter((row) => row.measure === id));
		const metric = rows.find((row) => row.measure === id)?.metric ?? '';
		const full = fullScore(metric);
		const named = `${title} (${metric}${full === 1 ? '' : ` / ${full}`})`;
		const panel =
			figure.drawn === 'bars'
				? barPanel(named, figure.axes, marks, data.layers)
				: linePanel(named, figure.axes, marks);
		const x = (index % columns) * panelSize.width;
		const y = 44 + Math.floor(index / columns) * panelSize.height;
		return tag('g', { transform: `translate(${x} ${y})`, 'data-measure': id }, panel);
	});
	const height = 44 + Math.max(1, Math.ceil(shown.length / columns)) * panelSize.height + 28;
	const empty =
		shown.length === 0 ? [label(16, 80, 'Nothing of this figure was measured yet.')] : [];
	const legend = legendOf([...new Set(rows.map(({ series }) => series))], height - 12);
	return whole(figure, height, [...panels, ...empty, legend]);
}

function whole({ title, question }: PaperFigure, height: number, content: string[]): string {
	const width = columns * panelSize.width;
	const about = {
		...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height },
		...{ role: 'img', 'font-family': 'system-ui, sans-serif', 'font-size': 11, fill: '#222' },
	};
	return tag(
		'svg',
		{ ...about, 'aria-label': `${title}. ${question}` },
		tag('rect', { width: '100%', height: '100%', fill: '#fff' }),
		label(16, 26, title, { 'font-size': 16, 'font-weight': 'bold' }),
		...content,
	);
}

function legendOf(series: readonly SeriesName[], y: number): string {
	const entries = series.map((name, index) => {
		const x = 16 + index * 120;
		const isDotted = name === 'base' || name === 'full';
		const line = { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, stroke: colours[name] };
		const dots: Record<string, string> = isDotted ? { 'stroke-dasharray': '2 4' } : {};
		return tag('line', { ...line, 'stroke-width': 3, ...dots }) + label(x + 23, y, legends[name]);
	});
	return entries.join('');
}

/** Layer by method: the earlier a layer is chosen, the darker; CogSym chooses from both ends inwards. */
function rankMap(figure: PaperFigure, { rankings, layers }: FigureData): string {
	const methods: [SeriesName, readonly number[]][] = [
		['cogsym', positionalRanking(layers)],
		...figure.rankings.flatMap((name): [SeriesName, readonly number[]][] => {
			const found = rankings[name];
			return found ? [[name, found.ranking]] : [];
		}),
	];
	const cell = 560 / layers;
	const rows = methods.flatMap(([name, ranking], line) => [
		label(140, 74 + line * 34, legends[name], { 'text-anchor': 'end' }),
		...ranking.map((layer, rank) =>
			tag(
				'rect',
				{
					...{ x: 150 + layer * cell, y: 56 + line * 34, width: cell - 1, height: 28 },
					...{ fill: colours[name], 'fill-opacity': 1 - (0.92 * rank) / Math.max(1, layers - 1) },
					class: name,
				},
				tag('title', {}, `layer ${layer}: rank ${rank + 1}`),
			),
		),
	]);
	const bottom = 56 + methods.length * 34;
	const ticks = Array.from({ length: layers }, (_, layer) => layer)
		.filter((layer) => layers <= 16 || layer % 4 === 0)
		.map((layer) =>
			label(150 + (layer + 0.5) * cell, bottom + 14, String(layer), { 'text-anchor': 'middle' }),
		);
	return whole(figure, bottom + 44, [
		...rows,
		...ticks,
		label(430, bottom + 34, `${figure.axes.x} (darker: chosen earlier)`, {
			'text-anchor': 'middle',
		}),
	]);
}
