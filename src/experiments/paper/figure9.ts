/** Figure 9: one end after the other. */
import { betweenBaseAndFull, everyMeasure, type PaperFigure } from './figure.ts';

export const figure9: PaperFigure = {
	id: 'figure-9',
	title: 'One end after the other',
	question: 'Does it matter which end learns first?',
	expectation:
		'Front, then rear, loses little; rear, then front, loses about 10 % of what both at once reach at speaking, and is the better order for understanding.',
	finding: '',
	language: null,
	axes: { x: 'order', y: 'score' },
	drawn: 'bars',
	measures: everyMeasure,
	parts: betweenBaseAndFull(
		{ kind: 'sequence', first: 'front' },
		{ kind: 'sequence', first: 'rear' },
		{ kind: 'quarter', region: 'cogsym' },
	),
	lora: false,
	rankings: [],
};
