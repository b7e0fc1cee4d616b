/** A sentence as concepts -> its text in a language. */
import type { ConceptId } from './concepts.ts';
import { forms, wordOf, type Forms, type Language, type TemplateName } from './language.ts';

/** What is said, in no language. Every template uses `subject`; the others as its slots ask. */
export interface Sentence {
	readonly template: TemplateName;
	readonly subject: ConceptId;
	/** Of the subject. */
	readonly adjective?: ConceptId | undefined;
	readonly verb?: ConceptId;
	readonly object?: ConceptId;
	readonly place?: ConceptId;
	readonly predicate?: ConceptId;
	/** The other noun of "X and Y". */
	readonly second?: ConceptId;
}

/** Tells sentences apart; independent of the language. */
export function sentenceKey(sentence: Sentence): string {
	const { template, subject, adjective, verb, object, place, predicate, second } = sentence;
	return [template, subject, adjective, verb, object, place, predicate, second].join(' ');
}

/** The sentence without its final stop. */
export function realize(language: Language, sentence: Sentence): string {
	const { subject, verb, object, place, predicate, second } = sentence;
	const slots: Record<string, string | undefined> = {
		subject: nounPhrase(language, subject, 'subject', sentence.adjective),
		verb: verb && wordOf(language, verb),
		object: object && nounPhrase(language, object, 'object'),
		place: place && placePhrase(language, place),
		predicate: predicate && predicateForm(language, predicate, subject),
		second: second && nounPhrase(language, second, 'subject'),
	};
	return fill(language.templates[sentence.template], slots);
}

/** Definite noun phrase; the article agrees with the noun, the adjective too. */
export function nounPhrase(
	language: Language,
	noun: ConceptId,
	role: 'subject' | 'object',
	adjective?: ConceptId,
): string {
	const own = forms(language, noun);
	const head = role === 'object' ? (own.accusative ?? own.word) : own.word;
	if (adjective === undefined) return withArticle(language, own, role, head);
	const quality = forms(language, adjective);
	const pattern = quality.precedes ? '{adjective} {noun}' : language.attributive;
	const phrase = fill(pattern, { adjective: attributive(quality, own), noun: head });
	return withArticle(language, own, role, phrase);
}

/** The place with its preposition. */
export function placePhrase(language: Language, place: ConceptId): string {
	const { inside, word } = forms(language, place);
	return inside ?? word;
}

/** The adjective as it stands after "is", agreeing with the subject. */
export function predicateForm(
	language: Language,
	adjective: ConceptId,
	subject: ConceptId,
): string {
	return agreeing(forms(language, adjective), forms(language, subject));
}

/** Replaces `{name}` by the text of that name; a slot without text is a mistake in the sentence. */
export function fill(pattern: string, slots: Readonly<Record<string, string | undefined>>): string {
	return pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
		const text = slots[name];
		if (text === undefined) throw new Error(`nothing for {${name}} of "${pattern}"`);
		return text;
	});
}

function agreeing(adjective: Forms, noun: Forms): string {
	if (noun.gender === 'f') return adjective.feminine ?? adjective.word;
	if (noun.gender === 'n') return adjective.neuter ?? adjective.word;
	return adjective.word;
}

function attributive(adjective: Forms, noun: Forms): string {
	if (adjective.attributive !== undefined) return adjective.attributive;
	const liaison = noun.gender === 'm' && startsWithVowel(noun.word);
	return (liaison ? adjective.beforeVowel : undefined) ?? agreeing(adjective, noun);
}

function withArticle(
	{ articles }: Language,
	noun: Forms,
	role: 'subject' | 'object',
	phrase: string,
): string {
	if (articles === undefined) return phrase;
	if (articles.elided !== undefined && startsWithVowel(phrase)) return articles.elided + phrase;
	const article = articles[role][noun.gender ?? 'm'];
	if (article === undefined) throw new Error(`no article for "${phrase}"; complete the language`);
	return `${article} ${phrase}`;
}

/** French elision; every h of its words here is mute. */
function startsWithVowel(phrase: string): boolean {
	return /^[aeiouhéèêîœ]/.test(phrase);
}
