/** Figure 3: both ends against one, by the layers of a single region. */
import { everyMeasure, type PaperFigure, sweeps } from './figure.ts';

export const figure3: PaperFigure = {
	id: 'figure-3',
	title: 'Both ends against one',
	question: 'Does a region need as many layers when the other end trains, too?',
	expectation:
		'With as many layers in each region, CogSym is at least as good as the better of the two single regions.',
	finding:
		'On the demo, one seed (npm run bench -- study): with two layers in each region CogSym speaks words (.98) as the rear ' +
		'does (.97; front .12) and understands them (.99) better than the front (.96; rear .63); with four it is .97 and 1.00.',
	language: null,
	axes: { x: 'trained layers in one region', y: 'score' },
	drawn: 'lines',
	measures: everyMeasure,
	parts: sweeps('one region'),
	lora: false,
	rankings: [],
};
