/** How texts are laid out, in training documents and in evaluation prompts alike. */
import { wordOf, type Language } from './language.ts';
import type { ConceptId } from './concepts.ts';
import { answer, choices, question, relationSigns, type Fact } from './facts.ts';
import { realize, type Sentence } from './grammar.ts';
import type { Polarity } from './sentences.ts';
import type { Random } from '../engine/random.ts';

/** Between what is judged and the verdict. */
export const verdict = ' = ';

/** A prompt, any space at its end included, and what follows it, without the end of the line. */
export interface Exchange {
	readonly prompt: string;
	readonly continuation: string;
}

/** Labels are signs, the same in every language and one token each. */
export const sentimentSigns: Readonly<Record<Polarity, string>> = {
	positive: '+',
	negative: '-',
	neutral: '0',
};

/** "English: dog". */
export function tagged(language: Language, text: string): string {
	return language.tag + text;
}

export function complete({ prompt, continuation }: Exchange): string {
	return `${prompt}${continuation}\n`;
}

/** One text under the other, each behind the tag of its language. */
function across(from: Language, to: Language, source: string, target: string): Exchange {
	return { prompt: `${tagged(from, source)}\n${to.tag}`, continuation: target };
}

export function wordPair(from: Language, to: Language, concept: ConceptId): Exchange {
	return across(from, to, wordOf(from, concept), wordOf(to, concept));
}

export function sentencePair(from: Language, to: Language, sentence: Sentence): Exchange {
	return across(from, to, realize(from, sentence), realize(to, sentence));
}

/** A subject in one language, its fact in another: to be looked up, not translated. */
export function lookUp(from: Language, to: Language, fact: Fact): Exchange {
	const subject = `${wordOf(from, fact.subject)}${relationSigns[fact.relation]}`;
	return across(from, to, subject, wordOf(to, fact.value));
}

export function judgement(language: Language, sentence: Sentence, polarity: Polarity): Exchange {
	return {
		prompt: `${tagged(language, realize(language, sentence))}${verdict}`,
		continuation: sentimentSigns[polarity],
	};
}

export function openQuestion(language: Language, fact: Fact): Exchange {
	return {
		prompt: tagged(language, question(language, fact)) + language.space,
		continuation: answer(language, fact),
	};
}

/** The question with three answers to choose from, in random order. */
export function closedQuestion(language: Language, fact: Fact, random: Random): Exchange {
	const offered = choices(fact, 3, random).map((value) => answer(language, fact, value));
	const asked = question(language, fact) + language.space + offered.join(language.comma);
	return {
		prompt: `${tagged(language, asked)}${verdict}`,
		continuation: answer(language, fact),
	};
}
