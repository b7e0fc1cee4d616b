/** How the line of each configuration of a study looks: colours of the paper, dots for baselines, a shade per layer. */
import type { Study, StudyPoint } from '../contract/study.ts';

export interface LineStyle {
	/** CSS colour. */
	readonly colour: string;
	/** SVG dash array; empty: solid. */
	readonly dash: string;
}

const dotted = '1 5';
const dashed = '9 4';

const shade = (colour: string, share: number): string =>
	`color-mix(in oklab, ${colour} ${Math.round(35 + 65 * share)}%, var(--surface))`;

/** From front to rear: the front's colour, the middle's, the rear's. */
function alongLayers(share: number): string {
	const [from, to, part] =
		share < 0.5
			? ['var(--front)', 'var(--middle)', share * 2]
			: ['var(--middle)', 'var(--rear)', share * 2 - 1];
	return `color-mix(in oklab, ${to} ${Math.round(part * 100)}%, ${from})`;
}

/** Share of the axis a point stands at, from 0 to 1. */
function place(study: Study, point: StudyPoint): number {
	const positions = study.points.flatMap(({ position }) => position ?? []);
	const [first, last] = [Math.min(...positions), Math.max(...positions)];
	return first === last ? 1 : ((point.position ?? last) - first) / (last - first);
}

/** Colour and dash of a point's line. */
export function lineStyle(study: Study, point: StudyPoint): LineStyle {
	const [first, second] = point.stages;
	if (!first) return { colour: 'var(--base)', dash: dotted };
	const several = second !== undefined && second.method !== first.method;
	const dash = first.method === 'full' ? dotted : several ? dashed : '';
	if (study.axis === 'layer') return { colour: alongLayers(place(study, point)), dash };
	const methods = {
		front: 'var(--front)',
		rear: 'var(--rear)',
		cogsym: 'var(--cogsym)',
		position: 'var(--cogsym)',
		full: 'var(--full)',
		layers: 'var(--middle)',
	};
	const colour = methods[first.method];
	return {
		colour: study.axis === 'layers trained' ? shade(colour, place(study, point)) : colour,
		dash,
	};
}

/** Beside a line there is little room, and every quarter of a study is a quarter. */
export function shortLabel(label: string): string {
	return label.replace(/ 25 %$/, '').replace(/, as many updates$/, '');
}
