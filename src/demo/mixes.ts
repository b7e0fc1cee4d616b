/** Which documents, and how many of each: pretraining of the base model, adaptation to a new language. */
import type { MixEntry } from './documents.ts';

/** The known languages, and of each of the two new ones a pinch: 1 % plain and 1 % paired documents. */
export const pretrainingMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'known', weight: 0.2 },
	{ kind: 'sentences', scope: 'known', weight: 0.22 },
	{ kind: 'plain', scope: 'known', weight: 0.14 },
	{ kind: 'sentiment', scope: 'known', weight: 0.07 },
	{ kind: 'choice', scope: 'known', weight: 0.06 },
	{ kind: 'questions', scope: 'known', weight: 0.07 },
	{ kind: 'relation', scope: 'known', weight: 0.2 },
	{ kind: 'plain', scope: 'new', weight: 0.02 },
	{ kind: 'words', scope: 'paired', weight: 0.01 },
	{ kind: 'sentences', scope: 'paired', weight: 0.01 },
];

/** Half paired over the paired concepts, half in the new language only. */
export const adaptationMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'paired', weight: 0.25 },
	{ kind: 'sentences', scope: 'paired', weight: 0.25 },
	{ kind: 'plain', scope: 'new', weight: 0.25 },
	{ kind: 'sentiment', scope: 'new', weight: 0.075 },
	{ kind: 'choice', scope: 'new', weight: 0.075 },
	{ kind: 'questions', scope: 'new', weight: 0.1 },
];
