/** Running text of each known language of the demo alone: what language-specific neurons are counted on. */
import type { TextSet } from '../contract/evaluation.ts';
import { createRandom } from '../engine/random.ts';
import { documents } from './documents.ts';
import { hash } from './draws.ts';
import { knownLanguages } from './languages.ts';
import { pretrainingWorld } from './pretraining.ts';

/** `count` texts of every known language; the same ones every time. */
export function monolingualTexts(count: number): TextSet[] {
	return knownLanguages.map((language) => {
		const world = { ...pretrainingWorld(), known: [language] };
		const random = createRandom(hash(`monolingual ${language.name}`));
		const texts = documents(count, [{ kind: 'plain', scope: 'known', weight: 1 }], world, random);
		return { language: language.name, texts };
	});
}
