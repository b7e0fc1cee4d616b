/** Figure 4: scores while training. */
import { type PaperFigure, quarters } from './figure.ts';

export const figure4: PaperFigure = {
	id: 'figure-4',
	title: 'Scores over the updates',
	question: 'When in training do the regions begin to differ?',
	expectation: 'The gap emerges early, within the first few hundred updates.',
	finding: '',
	language: null,
	axes: { x: 'updates', y: 'score' },
	drawn: 'steps',
	measures: ['words-production', 'words-comprehension'],
	parts: quarters,
	lora: false,
	rankings: [],
};
