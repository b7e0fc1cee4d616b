/** What the data of one language consists of: words, and the few forms and patterns that the templates need. */
import type { ConceptId } from './concepts.ts';

export type Gender = 'm' | 'f' | 'n';

/** The main form and the forms that differ from it. Absent: as the main form. */
export interface Forms {
	/** What a word list gives: nominative singular, third person, masculine predicate. */
	readonly word: string;
	readonly gender?: Gender;
	/** Object form of a noun. */
	readonly accusative?: string;
	/** Place with its preposition: "in the forest". */
	readonly inside?: string;
	/** Adjective between definite article and noun. */
	readonly attributive?: string;
	readonly feminine?: string;
	readonly neuter?: string;
	/** Masculine adjective before a vowel. */
	readonly beforeVowel?: string;
	/** Adjective that stands before its noun where others follow. */
	readonly precedes?: boolean;
}

export type TemplateName =
	'transitive' | 'intransitive' | 'located' | 'lives' | 'is' | 'isNot' | 'both';

export type Relation = 'eats' | 'lives' | 'colour';

type ArticleForms = Readonly<Partial<Record<Gender, string>>>;

export interface Language {
	/** In English, e.g. "Javanese". */
	readonly name: string;
	/** Begins every line in the language, its space included: one token. */
	readonly tag: string;
	/** Between sentences, and between question and answer; empty where the script has none. */
	readonly space: ' ' | '';
	/** Definite articles; absent where there are none. `elided`: before a vowel, joined to the word. */
	readonly articles?: {
		readonly subject: ArticleForms;
		readonly object: ArticleForms;
		readonly elided?: string;
	};
	/** `{adjective}` and `{noun}` in the order of the language. */
	readonly attributive: string;
	/** Ends a sentence of running text. */
	readonly stop: string;
	/** Between the members of a list, with its space. */
	readonly comma: string;
	readonly templates: Readonly<Record<TemplateName, string>>;
	readonly questions: Readonly<Record<Relation, string>>;
	readonly words: Readonly<Record<ConceptId, string | Forms>>;
}

export function forms(language: Language, concept: ConceptId): Forms {
	const entry = language.words[concept];
	return typeof entry === 'string' ? { word: entry } : entry;
}

/** The main form, as in word lists. */
export function wordOf(language: Language, concept: ConceptId): string {
	return forms(language, concept).word;
}
