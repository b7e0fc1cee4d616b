/** Figure 2: how many layers each end needs, Sundanese. */
import { everyMeasure, sweeps, type PaperFigure } from './figure.ts';

export const figure2: PaperFigure = {
	id: 'figure-2',
	title: 'Front, rear and CogSym',
	question:
		'How many layers must train from the front, from the rear, from both ends, to understand and to speak another new language?',
	expectation: 'As with Javanese (figure 1).',
	finding: '',
	language: 'sundanese',
	axes: { x: 'trained layers', y: 'score' },
	drawn: 'lines',
	measures: everyMeasure,
	parts: sweeps(),
	lora: false,
	rankings: [],
};
