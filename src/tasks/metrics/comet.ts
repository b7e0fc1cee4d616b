/** COMET of a translation task: the mean over its sentences, as COMET's system score. */
import type { CometItem } from '../../contract/comet.ts';
import type { TranslationSet } from '../../contract/evaluation.ts';
import { type Measured, runsRow } from '../items.ts';

/** Scores translations; about 0 to 1 each. */
export type TranslationScorer = (items: readonly CometItem[]) => Promise<number[]>;

/** What was measured and a row with the mean COMET of each run; `measured` holds the translations run by run. */
export async function withComet(
	measured: Measured,
	{ subject, test }: TranslationSet,
	score: TranslationScorer,
): Promise<Measured> {
	const { rows, predictions } = measured;
	const items = predictions.map(({ given, expected }, index) => ({
		source: test[index % test.length]?.source.trim() ?? '',
		translation: given,
		reference: expected,
	}));
	const scores = await score(items);
	const means: number[] = [];
	for (let from = 0; from < scores.length; from += test.length) {
		const run = scores.slice(from, from + test.length);
		means.push(run.reduce((sum, value) => sum + value, 0) / run.length);
	}
	const counted = { count: test.length, shortened: rows[0]?.shortened ?? 0 };
	const row = runsRow({ name: 'translation', subject }, 'comet', means, counted);
	return { rows: [row, ...rows], predictions };
}
