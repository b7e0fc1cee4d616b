/** Colours and marks of the paper: full dotted red, base dotted green, CogSym green, Fisher magenta; the rest is our choice. */
import type { SeriesName } from '../paper/figure.ts';

export const colours: Readonly<Record<SeriesName, string>> = {
	base: '#2e8b57',
	full: '#d62728',
	front: '#1f77b4',
	rear: '#ff7f0e',
	cogsym: '#2ca02c',
	fisher: '#ff00ff',
	lape: '#9467bd',
	'heavy-tail': '#8c564b',
	position: '#2ca02c',
	'front-rear': '#1f77b4',
	'rear-front': '#ff7f0e',
};

/** The paper's words where it has some. */
export const legends: Readonly<Record<SeriesName, string>> = {
	base: 'base model',
	full: 'fully trained',
	front: 'front (begs)',
	rear: 'rear (ends)',
	cogsym: 'CogSym (both)',
	fisher: 'Fisher information',
	lape: 'language neurons',
	'heavy-tail': 'heavy tails',
	position: 'positions',
	'front-rear': 'beg_end',
	'rear-front': 'end_beg',
};

/** Bars of trained layers. */
export const trainedColour = '#d62728';
