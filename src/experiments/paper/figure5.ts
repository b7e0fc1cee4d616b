/** Figure 5: the same budget in other places. */
import { betweenBaseAndFull, everyMeasure, type PaperFigure } from './figure.ts';

export const figure5: PaperFigure = {
	id: 'figure-5',
	title: 'Positions',
	question: 'Do the outermost layers matter, or only their number?',
	expectation:
		'The further inwards the two regions lie, the worse; those in the centre are hardly better than the base model.',
	finding: '',
	language: null,
	axes: { x: 'trained layers', y: 'score' },
	drawn: 'bars',
	measures: everyMeasure,
	parts: betweenBaseAndFull({ kind: 'positions' }),
	lora: false,
	rankings: [],
};
