/** uPlot as an attachment: one chart that follows its data, its width and the colour scheme. */
import { untrack } from 'svelte';
import uPlot from 'uplot';
import { resolved } from './colour.ts';

export interface Line {
	/** CSS colour, `var(--x)` allowed. */
	readonly colour: string;
	readonly values: readonly (number | null)[];
	readonly width: number;
	/** Opacity of the stroke, 0 to 1. */
	readonly opacity?: number;
}

export interface Picture {
	/** Update of each point, counted from 1. */
	readonly x: readonly number[];
	/** Their number stays; values and colours may change. */
	readonly lines: readonly Line[];
	/** Largest x to leave room for, so that the curve grows into the picture. */
	readonly end: number;
	readonly height: number;
	readonly format: (value: number) => string;
}

/** Everything that may change is read through `now` at each drawing. */
function options(element: HTMLElement, now: () => Picture): uPlot.Options {
	const picture = now();
	const ink = (name: string) => () => resolved(element, name);
	const axis = {
		stroke: ink('var(--muted)'),
		font: '12px system-ui, sans-serif',
		ticks: { show: false },
	};
	return {
		width: Math.max(200, element.clientWidth),
		height: picture.height,
		legend: { show: false },
		cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
		scales: {
			x: { time: false, range: (_chart, _min, max) => [1, Math.max(2, now().end, max)] },
		},
		axes: [
			{ ...axis, grid: { show: false }, space: 60, size: 28 },
			{
				...axis,
				grid: { stroke: ink('var(--line)'), width: 1 },
				size: 56,
				values: (_chart, ticks) => ticks.map(now().format),
			},
		],
		series: [
			{},
			...picture.lines.map(({ width }, index) => ({
				width,
				stroke: () => {
					const { colour, opacity = 1 } = now().lines[index] ?? { colour: 'var(--ink)' };
					const alpha = Math.round(opacity * 255).toString(16);
					return resolved(element, colour) + alpha.padStart(2, '0');
				},
				points: { show: (chart: uPlot) => chart.data[0].length < 3 },
			})),
		],
	};
}

function data(picture: Picture): uPlot.AlignedData {
	return [[...picture.x], ...picture.lines.map(({ values }) => [...values])];
}

/** Attachment that draws what `read` returns, again whenever that changes. */
export function chart(read: () => Picture): (element: HTMLElement) => () => void {
	return (element) => {
		let picture = untrack(read);
		const drawn = new uPlot(
			options(element, () => picture),
			data(picture),
			element,
		);
		$effect(() => {
			picture = read();
			drawn.setData(data(picture));
		});
		const resize = new ResizeObserver(() => {
			drawn.setSize({ width: Math.max(200, element.clientWidth), height: picture.height });
		});
		resize.observe(element);
		const dark = matchMedia('(prefers-color-scheme: dark)');
		const recolour = (): void => {
			drawn.redraw(false);
		};
		dark.addEventListener('change', recolour);
		return () => {
			dark.removeEventListener('change', recolour);
			resize.disconnect();
			drawn.destroy();
		};
	};
}
