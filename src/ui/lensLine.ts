/** Where the lines of the logit lens run. Pure. */
import type { LensCurve } from '../contract/lens.ts';

export interface LensFrame {
	readonly height: number;
	readonly left: number;
	readonly right: number;
	/** Largest value. */
	readonly most: number;
	/** Pixels of a layer, from 0, and of a value. */
	readonly x: (layer: number) => number;
	readonly y: (value: number) => number;
}

export function lensFrame(width: number, height: number, layers: number, most: number): LensFrame {
	const [left, right, top, bottom] = [44, Math.max(68, width - 16), 10, height - 24];
	const step = (right - left - 16) / Math.max(1, layers - 1);
	return {
		...{ height, left, right, most },
		x: (layer) => left + 8 + layer * step,
		y: (value) => bottom - (Math.min(most, Math.max(0, value)) / most) * (bottom - top),
	};
}

const point = ({ x, y }: LensFrame, layer: number, value: number): string =>
	`${x(layer).toFixed(1)} ${y(value).toFixed(1)}`;

export function lineOf(frame: LensFrame, values: readonly number[]): string {
	return values
		.map((value, layer) => `${layer === 0 ? 'M' : 'L'}${point(frame, layer, value)}`)
		.join('');
}

/** 1.96 standard errors above and below the mean (METHOD.md 9); `count` prompts. */
export function bandOf(frame: LensFrame, { mean, sd }: LensCurve, count: number): string {
	const half = (layer: number) => (1.96 * (sd[layer] ?? 0)) / Math.sqrt(Math.max(1, count));
	const above = mean.map((value, layer) => point(frame, layer, value + half(layer)));
	const below = mean.map((value, layer) => point(frame, layer, value - half(layer)));
	return `M${[...above, ...below.reverse()].join('L')}Z`;
}
