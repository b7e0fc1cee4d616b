/** Which documents, and how many of each: pretraining of the base model, adaptation to a new language. */
import type { MixEntry } from './documents.ts';

/** The known languages, and a pinch of the two new ones: of both together 0.8 % plain and 0.6 % paired documents. */
export const pretrainingMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'known', weight: 0.2 },
	{ kind: 'sentences', scope: 'known', weight: 0.3 },
	{ kind: 'plain', scope: 'known', weight: 0.116 },
	{ kind: 'sentiment', scope: 'known', weight: 0.06 },
	{ kind: 'choice', scope: 'known', weight: 0.05 },
	{ kind: 'questions', scope: 'known', weight: 0.07 },
	{ kind: 'relation', scope: 'known', weight: 0.19 },
	{ kind: 'plain', scope: 'new', weight: 0.008 },
	{ kind: 'words', scope: 'paired', weight: 0.003 },
	{ kind: 'sentences', scope: 'paired', weight: 0.003 },
];

/** For the second phase: what is slow to learn, whole sentences above all, and enough of the rest to keep it. */
export const sentenceMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'known', weight: 0.08 },
	{ kind: 'sentences', scope: 'known', weight: 0.6 },
	{ kind: 'plain', scope: 'known', weight: 0.066 },
	{ kind: 'sentiment', scope: 'known', weight: 0.08 },
	{ kind: 'choice', scope: 'known', weight: 0.03 },
	{ kind: 'questions', scope: 'known', weight: 0.04 },
	{ kind: 'relation', scope: 'known', weight: 0.09 },
	{ kind: 'plain', scope: 'new', weight: 0.008 },
	{ kind: 'words', scope: 'paired', weight: 0.003 },
	{ kind: 'sentences', scope: 'paired', weight: 0.003 },
];

/** Two thirds paired over the paired concepts, one third in the new language only. */
export const adaptationMix: readonly MixEntry[] = [
	{ kind: 'words', scope: 'paired', weight: 0.5 },
	{ kind: 'sentences', scope: 'paired', weight: 0.5 },
	{ kind: 'plain', scope: 'new', weight: 0.25 },
	{ kind: 'sentiment', scope: 'new', weight: 0.075 },
	{ kind: 'choice', scope: 'new', weight: 0.075 },
	{ kind: 'questions', scope: 'new', weight: 0.1 },
];
