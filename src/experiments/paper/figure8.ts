/** Figure 8: the sweeps with low-rank adapters. */
import { everyMeasure, sweeps, type PaperFigure } from './figure.ts';

export const figure8: PaperFigure = {
	id: 'figure-8',
	title: 'Front, rear and CogSym with LoRA',
	question: 'Do adapters on the same layers show the same split?',
	expectation: 'As with full training (figures 1 and 2).',
	finding: '',
	language: null,
	axes: { x: 'layers with adapters', y: 'score' },
	drawn: 'lines',
	measures: everyMeasure,
	parts: sweeps(),
	lora: true,
	rankings: [],
};
