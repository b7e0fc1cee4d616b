/** Figure 1: how many layers each end needs, Javanese. */
import { everyMeasure, sweeps, type PaperFigure } from './figure.ts';

export const figure1: PaperFigure = {
	id: 'figure-1',
	title: 'Front, rear and CogSym',
	question:
		'How many layers must train from the front, from the rear, from both ends, to understand and to speak a new language?',
	expectation:
		'Speaking needs rear layers (it saturates at about 10 of 32, the front gives nothing); understanding needs front layers; sentiment and exam behave like understanding; CogSym on a quarter is within 2 to 3 % of full training.',
	finding:
		'On the demo, one seed (npm run bench -- study): two layers from the front understand words (.96), and only all eight ' +
		'speak (.12, .10, .28, .91); two from the rear speak (.97), and with more they understand (.63, .91, .98, 1.00). ' +
		'CogSym with four of eight layers (.98 spoken, .99 understood) is where the whole model is (.97, 1.00).',
	language: 'javanese',
	axes: { x: 'trained layers', y: 'score' },
	drawn: 'lines',
	measures: everyMeasure,
	parts: sweeps(),
	lora: false,
	rankings: [],
};
