/** Figure 7: every layer's rank by each way to choose. */
import type { PaperFigure } from './figure.ts';

export const figure7: PaperFigure = {
	id: 'figure-7',
	title: 'Ranks of the layers',
	question: 'Which layers does each way to choose prefer?',
	expectation:
		'Fisher information prefers both ends; language-specific neurons and heavy tails prefer the rear.',
	finding: '',
	language: null,
	axes: { x: 'layer', y: 'method' },
	drawn: 'ranks',
	measures: [],
	parts: [],
	lora: false,
	rankings: ['fisher', 'lape', 'heavy-tail'],
};
