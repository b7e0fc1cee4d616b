/** Figure 3: both ends against one, by the layers of a single region. */
import { everyMeasure, type PaperFigure } from './figure.ts';

export const figure3: PaperFigure = {
	id: 'figure-3',
	title: 'Both ends against one',
	question: 'Does a region need as many layers when the other end trains, too?',
	expectation:
		'With as many layers in each region, CogSym is at least as good as the better of the two single regions.',
	finding: '',
	language: null,
	axes: { x: 'trained layers in one region', y: 'score' },
	drawn: 'lines',
	measures: everyMeasure,
	parts: [
		{ kind: 'base' },
		{ kind: 'sweep', region: 'front', x: 'one region' },
		{ kind: 'sweep', region: 'rear', x: 'one region' },
		{ kind: 'sweep', region: 'cogsym', x: 'one region' },
		{ kind: 'full' },
	],
	lora: false,
	rankings: [],
};
