/** Figures read the demo's tasks and the paper's on files alike, in the right direction. */
import { expect, it } from 'vitest';
import type { MetricRow } from '../contract/evaluation.ts';
import { checkMeasured, measures, scoreOf, type MeasureId } from './measures.ts';

const row = (
	task: string,
	subject: string,
	mean: number,
	more: Partial<MetricRow> = {},
): MetricRow => ({
	...{ task, subject, metric: 'exact-match', weights: 'adapted', mean, sd: null },
	...{ runs: 1, count: 10, shortened: 0, ...more },
});
const score = (id: MeasureId, rows: MetricRow[]) =>
	scoreOf(
		rows,
		measures.find((one) => one.id === id)!,
		'javanese',
	);

it('tells into the new language from out of it', () => {
	const rows = [
		row('words', 'English to Javanese', 0.2),
		row('words', 'Javanese to English', 0.6),
		row('words', 'Javanese to German', 0.9, { count: 20 }),
		row('words', 'Javanese to German', 1, { metric: 'first-token' }),
	];
	expect(score('words-production', rows)).toMatchObject({ mean: 0.2, count: 10 });
	expect(score('words-comprehension', rows)?.mean).toBeCloseTo(0.8, 12);
	expect(score('sentiment', rows)).toBeNull();
});

it('takes the tasks of the demo by their names', () => {
	const rows = [
		row('words-production', 'English to Javanese', 0.3),
		row('words-comprehension', 'Javanese to English', 0.7),
		row('words-known', 'English to German', 1),
		row('choice', 'Javanese, facts told', 0.5, { metric: 'accuracy' }),
	];
	expect(score('words-production', rows)?.mean).toBe(0.3);
	expect(score('words-comprehension', rows)?.mean).toBe(0.7);
	expect(score('exam', rows)).toMatchObject({ metric: 'accuracy', mean: 0.5 });
});

it('spreads over evaluation runs as a mean of independent subjects does', () => {
	const rows = [
		row('words', 'English to Javanese', 0.2, { sd: 0.03, runs: 3 }),
		row('words', 'German to Javanese', 0.4, { sd: 0.04, runs: 3 }),
	];
	const found = score('words-production', rows);
	expect(found?.mean).toBeCloseTo(0.3, 12);
	expect(found?.sd).toBeCloseTo(0.025, 12);
	expect(found?.runs).toBe(3);
});

it('prefers COMET for translations, and does without it', () => {
	const plain = [row('translation', 'English to Javanese', 0.4, { metric: 'token-f1' })];
	expect(score('translation-production', plain)?.metric).toBe('token-f1');
	const comet = row('translation', 'English to Javanese', 0.8, { metric: 'comet' as never });
	expect(score('translation-production', [...plain, comet])).toMatchObject({ mean: 0.8 });
});

it('refuses a figure of which nothing is measured', () => {
	const set = { language: 'javanese', train: [], test: [] };
	const sentiment = { kind: 'sentiment', set, runs: 1, seed: 1 } as const;
	const spoken = { kind: 'generation', name: 'words-production', subject: '', items: [] } as const;
	const figure = { id: 'figure-4', measures: ['words-production', 'words-comprehension'] } as const;
	expect(() => {
		checkMeasured(figure, [sentiment]);
	}).toThrow('figure-4 shows words, and only sentiment would be measured');
	checkMeasured(figure, [sentiment, spoken]);
	checkMeasured({ id: 'figure-7', measures: [] }, []);
});
