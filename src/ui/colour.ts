/** One colour per selection method, throughout; baselines are dotted. */
import type { Selection } from '../contract/spec.ts';

const variables: Readonly<Record<Selection['method'], string>> = {
	front: 'var(--front)',
	rear: 'var(--rear)',
	cogsym: 'var(--cogsym)',
	position: 'var(--cogsym)',
	full: 'var(--full)',
	layers: 'var(--painted)',
};

/** CSS colour of a method's series. */
export function seriesColour(method: Selection['method']): string {
	return variables[method];
}

/** The colour a CSS `var(--x)` stands for now, for canvases, which know no variables. */
export function resolved(element: Element, colour: string): string {
	const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
	return name ? getComputedStyle(element).getPropertyValue(name).trim() : colour;
}
