/** Figure 6: ways to choose layers, at the same budget. */
import { betweenBaseAndFull, everyMeasure, type PaperFigure } from './figure.ts';

export const figure6: PaperFigure = {
	id: 'figure-6',
	title: 'Ways to choose layers',
	question: 'Is the simple choice of both ends as good as scores that need data, texts or spectra?',
	expectation:
		'CogSym is as good as Fisher information, and better than language-specific neurons and heavy tails, which both favour the rear.',
	finding: '',
	language: null,
	axes: { x: 'selection', y: 'score' },
	drawn: 'bars',
	measures: everyMeasure,
	parts: betweenBaseAndFull(
		{ kind: 'quarter', region: 'cogsym' },
		{ kind: 'ranked', method: 'fisher' },
		{ kind: 'ranked', method: 'lape' },
		{ kind: 'ranked', method: 'heavy-tail' },
	),
	lora: false,
	rankings: ['fisher', 'lape', 'heavy-tail'],
};
