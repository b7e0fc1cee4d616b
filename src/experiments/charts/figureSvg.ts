/** A figure of the paper from its rows, as SVG text. Pure. */
import type { LayerScores, RankingMethod } from '../../contract/selection.ts';
import { positionalRanking } from '../../selection/positional.ts';
import { measures } from '../measures.ts';
import type { PaperFigure, SeriesName } from '../paper/figure.ts';
import type { FigureRow } from '../paper/plan.ts';
import { fullScore, marksOf } from './marks.ts';
import { legendOf } from './legend.ts';
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

/** One panel per measure that has rows, in so many columns; figure 7 is a map of ranks as wide as they are. */
export function figureSvg(figure: PaperFigure, data: FigureData, columns: 1 | 2 = 2): string {
	const width = columns * panelSize.width;
	if (figure.drawn === 'ranks') return rankMap(figure, data, width);
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
	const bottom = 44 + Math.max(1, Math.ceil(shown.length / columns)) * panelSize.height;
	const empty =
		shown.length === 0 ? [label(16, 80, 'Nothing of this figure was measured yet.')] : [];
	const legend = legendOf([...new Set(rows.map(({ series }) => series))], bottom, width);
	return whole(figure, width, bottom + legend.height, [...panels, ...empty, legend.content]);
}

function whole(
	{ title, question }: PaperFigure,
	width: number,
	height: number,
	content: readonly string[],
): string {
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

/** Layer by method: the earlier a layer is chosen, the darker; CogSym chooses from both ends inwards. */
function rankMap(figure: PaperFigure, { rankings, layers }: FigureData, width: number): string {
	const methods: [SeriesName, readonly number[]][] = [
		['cogsym', positionalRanking(layers)],
		...figure.rankings.flatMap((name): [SeriesName, readonly number[]][] => {
			const found = rankings[name];
			return found ? [[name, found.ranking]] : [];
		}),
	];
	const left = 132;
	const cell = (width - left - 10) / layers;
	const middle = (left + width - 10) / 2;
	const rows = methods.flatMap(([name, ranking], line) => [
		label(left - 8, 74 + line * 34, legends[name], { 'text-anchor': 'end' }),
		...ranking.map((layer, rank) =>
			tag(
				'rect',
				{
					...{ x: left + layer * cell, y: 56 + line * 34, width: cell - 1, height: 28 },
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
			label(left + (layer + 0.5) * cell, bottom + 14, String(layer), { 'text-anchor': 'middle' }),
		);
	return whole(figure, width, bottom + 44, [
		...rows,
		...ticks,
		label(middle, bottom + 34, `${figure.axes.x} (darker: chosen earlier)`, {
			'text-anchor': 'middle',
		}),
	]);
}
