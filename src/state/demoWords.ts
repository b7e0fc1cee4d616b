/** What a study shows, in plain words, computed from the scores just measured and from nothing else. Pure. */
import type { Study } from '../contract/study.ts';
import type { Conclusion, Result } from './demoPairs.ts';
import { budgetWords, layerWords, orderWords } from './demoPositionWords.ts';
import { regionWords } from './demoRegionWords.ts';

/** The words for a finished study of `language`; null while what they compare is not measured. */
export function conclude(
	study: Study,
	results: readonly Result[],
	language: string,
): Conclusion | null {
	switch (study.axis) {
		case 'region':
			return regionWords(results, language);
		case 'layer':
			return layerWords(results, language);
		case 'layers trained':
			return budgetWords(results);
		case 'order':
			return orderWords(results);
	}
}
