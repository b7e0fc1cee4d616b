/** What the colours of a figure mean. Pure. */
import type { SeriesName } from '../paper/figure.ts';
import { colours, legends } from './palette.ts';
import { label, tag, textWidth } from './svg.ts';

const margin = 16;
const line = 18;

/** Entries from `top` on, in as many lines as they need within `width`; `height` is what they take. */
export function legendOf(series: readonly SeriesName[], top: number, width: number) {
	let x = margin;
	let y = top + line;
	const entries = series.map((name) => {
		const needed = 23 + textWidth(legends[name], 11);
		if (x > margin && x + needed > width) {
			x = margin;
			y += line;
		}
		const entry = entryAt(name, x, y);
		x += needed + margin;
		return entry;
	});
	return { content: entries.join(''), height: y - top + 12 };
}

function entryAt(name: SeriesName, x: number, y: number): string {
	const isDotted = name === 'base' || name === 'full';
	const stroke = { x1: x, x2: x + 18, y1: y - 4, y2: y - 4, stroke: colours[name] };
	const dots: Record<string, string> = isDotted ? { 'stroke-dasharray': '2 4' } : {};
	return tag('line', { ...stroke, 'stroke-width': 3, ...dots }) + label(x + 23, y, legends[name]);
}
