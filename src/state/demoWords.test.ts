import { expect, test } from 'vitest';
import type { Study } from '../contract/study.ts';
import { demoStudies } from '../experiments/demo/studies.ts';
import { conclude } from './demoWords.ts';

type Figures = Readonly<Record<string, readonly [understands: number, speaks: number]>>;
type Curves = Readonly<Record<string, readonly (readonly [number, number, number])[]>>;

function words(study: Study, figures: Figures, curves: Curves = {}) {
	const results = study.points.map((point) => {
		const figure = figures[point.id];
		return {
			point,
			scores: figure
				? {
						'words-comprehension': { mean: figure[0], count: 90 },
						'words-production': { mean: figure[1], count: 90 },
					}
				: {},
			curve: (curves[point.id] ?? []).map(([step, understands, speaks]) => ({
				step,
				understands: { mean: understands, count: 40 },
				speaks: { mean: speaks, count: 40 },
			})),
		};
	});
	const conclusion = conclude(study, results, 'Javanese');
	return conclusion && { ...conclusion, text: conclusion.sentences.join(' ') };
}

const headline = demoStudies.headline(8);
// Measured by a prototype (one language, one seed).
const measured: Figures = {
	base: [0.01, 0.04],
	front: [0.94, 0.24],
	middle: [0.9, 0.75],
	rear: [0.28, 0.79],
	cogsym: [0.93, 0.8],
	full: [1, 0.99],
};

test('a clear split is said with its figures, and so is what the paper has otherwise', () => {
	const said = words(headline, measured);
	expect(said?.verdict).toBe('shows');
	expect(said?.headline).toMatch(/front learnt to understand, the rear learnt to speak/);
	expect(said?.text).toContain('understands 94 of 100 Javanese words and says 24 of 100');
	expect(said?.text).toContain('says 79 of 100 and understands 28 of 100');
	expect(said?.text).toContain('stays behind the whole here');
	expect(said?.text).toContain('not behind both ways, unlike in the paper');
});

test('part of a split is called part, with what is missing and what the speed shows', () => {
	const said = words(
		headline,
		{ ...measured, rear: [0.87, 0.9], cogsym: [1, 0.98] },
		{
			rear: [
				[0, 0, 0],
				[50, 0.2, 0.55],
				[100, 0.6, 0.8],
			],
			front: [
				[0, 0, 0],
				[50, 0.7, 0.1],
				[100, 0.9, 0.2],
			],
		},
	);
	expect(said?.verdict).toBe('partly');
	expect(said?.text).toContain('The rear does not speak clearly better than it understands.');
	expect(said?.text).toContain('The front does not understand clearly more than the rear does.');
	expect(said?.text).not.toContain('The front does not understand clearly better');
	expect(said?.text).toContain('the rear said half of the words after 50 updates');
	expect(said?.text).toContain('and said half not within this training');
	expect(said?.text).toContain('On words the quarter does what the whole does');
});

test('no split is said to be none, and a reversed one is not sold as one', () => {
	expect(words(headline, { ...measured, front: [0.5, 0.45], rear: [0.5, 0.5] })?.headline).toBe(
		'The expected split does not show in this run.',
	);
	expect(words(headline, { ...measured, front: [0.2, 0.9], rear: [0.9, 0.2] })?.verdict).toBe(
		'not',
	);
});

test('a rear that understands more than the front is said to, though each side has its own bent', () => {
	// Measured in a real run with another base model.
	const said = words(headline, { ...measured, front: [0.41, 0.1], rear: [0.58, 0.74] });
	expect(said?.verdict).toBe('partly');
	expect(said?.text).toContain('But the rear understands more than the front does.');
});

test('nothing is said before front and rear are measured', () => {
	expect(words(headline, { base: [0, 0], front: [0.9, 0.2] })).toBeNull();
});

test('a middle that stays behind is said to', () => {
	expect(words(headline, { ...measured, middle: [0.4, 0.3] })?.text).toContain(
		'from the middle stays behind both ways (40 of 100 and 30 of 100), as in the paper',
	);
});

test('LoRA is read as the headline study is', () => {
	const said = words(demoStudies.lora(8), {
		'lora-front': [0.76, 0.15],
		'lora-rear': [0.17, 0.71],
	});
	expect(said?.verdict).toBe('shows');
});

test('layer by layer, best places and halves are named', () => {
	const layers = demoStudies.layers(8);
	const figures: Figures = {
		'layer-1': [0.59, 0.12],
		'layer-2': [0.78, 0.15],
		'layer-3': [0.79, 0.23],
		'layer-4': [0.65, 0.27],
		'layer-5': [0.33, 0.58],
		'layer-6': [0.1, 0.45],
		'layer-7': [0.08, 0.36],
		'layer-8': [0.08, 0.13],
	};
	const said = words(layers, figures);
	expect(said?.verdict).toBe('shows');
	expect(said?.text).toContain(
		'best with layer 3 alone: 79 of 100; saying them with layer 5: 58 of 100',
	);
	expect(said?.text).toContain(
		'front half understand 70 of 100, layers of the rear half 15 of 100',
	);
	const flat = Object.fromEntries(Object.keys(figures).map((id) => [id, [0.4, 0.4] as const]));
	expect(words(layers, flat)?.verdict).toBe('not');
	expect(words(layers, { 'layer-1': [0.5, 0.5] })).toBeNull();
});

test('budgets: the fewest layers for ninety of a hundred', () => {
	const said = words(demoStudies['front-rear'](8), {
		'front-2': [0.94, 0.24],
		'front-4': [1, 0.67],
		'front-6': [1, 0.93],
		'rear-2': [0.28, 0.79],
		'rear-4': [0.85, 0.99],
		'rear-6': [0.89, 1],
		'rear-8': [0.89, 1],
	});
	expect(said?.verdict).toBe('shows');
	expect(said?.text).toContain('understood with 2 layers and said with 6 layers');
	expect(said?.text).toContain('said with 4 layers and never understood');
});

test('the order makes a difference only where it is clear', () => {
	const study = demoStudies.sequential(8);
	const near = words(study, { 'front-rear': [1, 0.98], 'rear-front': [0.96, 0.96], both: [1, 1] });
	expect(near?.headline).toBe('The order makes no clear difference here.');
	expect(near?.text).toContain('Both at once, for as many updates');
	const far = words(study, { 'front-rear': [1, 0.98], 'rear-front': [0.9, 0.5] });
	expect(far?.headline).toBe('It is better to train the front first.');
	const against = words(study, { 'front-rear': [0.9, 0.5], 'rear-front': [1, 0.98] });
	expect(against?.headline).toContain('against expectation');
});
