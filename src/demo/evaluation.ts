/** Seeded evaluation items of the demo world; those of the two draws are disjoint. */
import type { Random } from '../engine/random.ts';
import type { ConceptId } from './concepts.ts';
import { drawOf, isReserved, sample, type Draw } from './draws.ts';
import { answer, choices, factKey, type Fact } from './facts.ts';
import * as format from './format.ts';
import { sentenceKey, type Sentence } from './grammar.ts';
import type { Language } from './language.ts';
import { evaluativeSentence, lexiconOf, randomSentence, type Polarity } from './sentences.ts';

export interface EvaluationItem {
	readonly prompt: string;
	/** Expected after the prompt, up to the next newline. */
	readonly answer: string;
	/** To be appended to the prompt as they are and compared by likelihood; `answer` is one of them. */
	readonly options?: readonly string[];
	/** What is asked, in no language: equal keys are the same question. */
	readonly key: string;
}

interface Asked {
	readonly draw: Draw;
	/** Most items; fewer where the draw holds fewer. */
	readonly count: number;
}

interface Direction {
	readonly from: Language;
	readonly to: Language;
}

/** Word translation, 4 examples before each. Examples are of the same `words`, never the asked one. */
export function wordItems(
	{ from, to, words, draw, count }: Direction & Asked & { readonly words: readonly ConceptId[] },
	random: Random,
): EvaluationItem[] {
	const asked = words.filter((word) => drawOf(word) === draw);
	return sample(asked, count, random).map((word) => {
		const others = words.filter((other) => other !== word);
		const shots = sample(others, 4, random).map((other) => format.wordPair(from, to, other));
		return item(shots, format.wordPair(from, to, word), word);
	});
}

/** Translation of sentences that are in no document, made of `words` (null: all), 2 examples before each. */
export function sentenceItems(
	{
		from,
		to,
		words,
		draw,
		count,
	}: Direction & Asked & { readonly words: ReadonlySet<ConceptId> | null },
	random: Random,
): EvaluationItem[] {
	const lexicon = lexiconOf(words);
	return distinct(count, draw, () => randomSentence(lexicon, true, random)).map((sentence) => {
		const shots = Array.from({ length: 2 }, () =>
			format.sentencePair(from, to, randomSentence(lexicon, false, random)),
		);
		return item(shots, format.sentencePair(from, to, sentence), sentenceKey(sentence));
	});
}

const polarities: readonly Polarity[] = ['positive', 'negative', 'neutral'];

/** One example of each class before each sentence, in random order; classes in turn. */
export function sentimentItems(
	{
		language,
		words,
		draw,
		count,
	}: Asked & { readonly language: Language; readonly words: ReadonlySet<ConceptId> | null },
	random: Random,
): EvaluationItem[] {
	const lexicon = lexiconOf(words);
	const options = polarities.map((polarity) => format.sentimentSigns[polarity]);
	const judge = (polarity: Polarity, reserved: boolean): Sentence =>
		evaluativeSentence(lexicon, { polarity, negated: random.next() < 0.3 }, reserved, random);
	const asked: EvaluationItem[] = [];
	for (const polarity of polarities) {
		const share = Math.floor((count + 2 - polarities.indexOf(polarity)) / 3);
		for (const sentence of distinct(share, draw, () => judge(polarity, true))) {
			const shots = sample(polarities, 3, random).map((other) =>
				format.judgement(language, judge(other, false), other),
			);
			const query = format.judgement(language, sentence, polarity);
			asked.push({ ...item(shots, query, sentenceKey(sentence)), options });
		}
	}
	return asked;
}

/** Questions about `facts`, four answers to choose from by likelihood, 2 examples before each. */
export function choiceItems(
	{
		language,
		facts,
		draw,
		count,
	}: Asked & { readonly language: Language; readonly facts: readonly Fact[] },
	random: Random,
): EvaluationItem[] {
	const asked = facts.filter((fact) => drawOf(factKey(fact)) === draw);
	return sample(asked, count, random).map((fact) => {
		const shots = examples(facts, fact, random).map((other) =>
			format.openQuestion(language, other),
		);
		const options = choices(fact, 4, random).map((value) => answer(language, fact, value));
		return { ...item(shots, format.openQuestion(language, fact), factKey(fact)), options };
	});
}

/** Look-ups across languages, 2 examples of the same relation before each. */
export function relationItems(
	{ from, to, facts, draw, count }: Direction & Asked & { readonly facts: readonly Fact[] },
	random: Random,
): EvaluationItem[] {
	const asked = facts.filter((fact) => drawOf(factKey(fact)) === draw);
	return sample(asked, count, random).map((fact) => {
		const alike = facts.filter(({ relation }) => relation === fact.relation);
		const shots = examples(alike, fact, random).map((other) => format.lookUp(from, to, other));
		return item(shots, format.lookUp(from, to, fact), factKey(fact));
	});
}

function examples(facts: readonly Fact[], asked: Fact, random: Random): Fact[] {
	return sample(
		facts.filter((fact) => fact !== asked),
		2,
		random,
	);
}

function item(
	shots: readonly format.Exchange[],
	query: format.Exchange,
	key: string,
): EvaluationItem {
	const before = shots.map((shot) => format.complete(shot)).join('');
	return { prompt: before + query.prompt, answer: query.continuation, key };
}

/** Up to `count` different reserved sentences of the draw. */
function distinct(count: number, draw: Draw, make: () => Sentence): Sentence[] {
	const found = new Map<string, Sentence>();
	for (let attempt = 0; attempt < 100 * count && found.size < count; attempt++) {
		const sentence = make();
		const key = sentenceKey(sentence);
		if (isReserved(key) && drawOf(key) === draw) found.set(key, sentence);
	}
	return [...found.values()];
}
