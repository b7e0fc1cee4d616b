/** uPlot as an attachment: one chart that follows its data, its width and the colour scheme. */
import uPlot from 'uplot';
import { resolved } from './colour.ts';

export interface Line {
	readonly label: string;
	/** CSS colour, `var(--x)` allowed. */
	readonly colour: string;
	readonly values: readonly (number | null)[];
	readonly width?: number;
	/** Opacity of the stroke, 0 to 1. */
	readonly opacity?: number;
	readonly dash?: readonly number[];
}

export interface Picture {
	/** Update of each point, counted from 1. */
	readonly x: readonly number[];
	readonly lines: readonly Line[];
	/** Largest x to leave room for, so that the curve grows into the picture. */
	readonly end: number;
	readonly height: number;
	readonly format: (value: number) => string;
}

function alphaColour(colour: string, opacity: number): string {
	const amount = Math.round(opacity * 255);
	return /^#[0-9a-f]{6}$/i.test(colour) ? colour + amount.toString(16).padStart(2, '0') : colour;
}

function options(element: HTMLElement, picture: Picture): uPlot.Options {
	const muted = resolved(element, 'var(--muted)');
	const line = resolved(element, 'var(--line)');
	const axis = {
		stroke: muted,
		font: '12px system-ui, sans-serif',
		grid: { stroke: line, width: 1 },
		ticks: { show: false },
	};
	return {
		width: Math.max(200, element.clientWidth),
		height: picture.height,
		legend: { show: false },
		cursor: { y: false, drag: { x: false, y: false } },
		scales: {
			x: { time: false, range: (_chart, _min, max) => [1, Math.max(2, picture.end, max)] },
		},
		axes: [
			{ ...axis, grid: { show: false }, space: 60 },
			{ ...axis, size: 56, values: (_chart, ticks) => ticks.map(picture.format) },
		],
		series: [
			{},
			...picture.lines.map((one) => ({
				label: one.label,
				stroke: alphaColour(resolved(element, one.colour), one.opacity ?? 1),
				width: one.width ?? 2,
				points: { show: one.values.length < 3 },
				...(one.dash ? { dash: [...one.dash] } : {}),
			})),
		],
	};
}

function data(picture: Picture): uPlot.AlignedData {
	return [[...picture.x], ...picture.lines.map(({ values }) => [...values])];
}

/**
 * Attachment that draws what `read` returns. Data that keeps the shape of the chart is handed over; another number
 * of lines, another end or another colour scheme draws it anew.
 */
export function chart(read: () => Picture): (element: HTMLElement) => () => void {
	return (element) => {
		const picture = read();
		const drawn = new uPlot(options(element, picture), data(picture), element);
		const resize = new ResizeObserver(() => {
			drawn.setSize({ width: Math.max(200, element.clientWidth), height: picture.height });
		});
		resize.observe(element);
		const dark = matchMedia('(prefers-color-scheme: dark)');
		const recolour = (): void => {
			const fresh = options(element, picture);
			drawn.axes.forEach((axis, index) => {
				const { stroke, grid } = fresh.axes?.[index] ?? {};
				axis.stroke = () => stroke as string;
				if (axis.grid && grid?.stroke) axis.grid.stroke = () => grid.stroke as string;
			});
			drawn.series.forEach((series, index) => {
				const { stroke } = fresh.series[index] ?? {};
				if (index > 0) series.stroke = () => stroke as string;
			});
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
