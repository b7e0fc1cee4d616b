/** Which documents, and how many of each: pretraining of the base model, adaptation to a new language. */
import type { MixEntry } from './documents.ts';

/** The known languages, and a pinch of the two new ones: of both together 2 % plain and 0.6 % paired documents. */
export const pretrainingMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'known', weight: 0.26 },
	{ kind: 'sentences', scope: 'known', weight: 0.27 },
	{ kind: 'plain', scope: 'known', weight: 0.116 },
	{ kind: 'sentiment', scope: 'known', weight: 0.06 },
	{ kind: 'choice', scope: 'known', weight: 0.05 },
	{ kind: 'questions', scope: 'known', weight: 0.07 },
	{ kind: 'relation', scope: 'known', weight: 0.14 },
	{ kind: 'plain', scope: 'new', weight: 0.02 },
	{ kind: 'words', scope: 'paired', weight: 0.003 },
	{ kind: 'sentences', scope: 'paired', weight: 0.003 },
];

/** For the second phase: more of what is slow to learn, whole sentences above all, and less of the pinch. */
export const sentenceMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'known', weight: 0.17 },
	{ kind: 'sentences', scope: 'known', weight: 0.42 },
	{ kind: 'plain', scope: 'known', weight: 0.07 },
	{ kind: 'sentiment', scope: 'known', weight: 0.07 },
	{ kind: 'choice', scope: 'known', weight: 0.05 },
	{ kind: 'questions', scope: 'known', weight: 0.05 },
	{ kind: 'relation', scope: 'known', weight: 0.14 },
	{ kind: 'plain', scope: 'new', weight: 0.016 },
	{ kind: 'words', scope: 'paired', weight: 0.0007 },
	{ kind: 'sentences', scope: 'paired', weight: 0.0007 },
];

/**
 * Half paired over the paired concepts, half in the new language only. Mostly sentences: a pair that is listed often can be
 * learnt by heart without being understood. Somewhat more lists lead into the new language, as words must be spelt exactly.
 */
export const adaptationMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'paired', weight: 0.08 },
	{ kind: 'glossary', scope: 'paired', weight: 0.06 },
	{ kind: 'sentences', scope: 'paired', weight: 0.4 },
	{ kind: 'plain', scope: 'new', weight: 0.23 },
	{ kind: 'sentiment', scope: 'new', weight: 0.075 },
	{ kind: 'choice', scope: 'new', weight: 0.075 },
	{ kind: 'questions', scope: 'new', weight: 0.08 },
];
