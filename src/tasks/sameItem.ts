/**
 * When two items are the same, so that none is asked with its own answer in front of it, and how many there are. Texts are
 * compared as they are but for Unicode (NFC), case and white space.
 */
import { namedError } from '../contract/errors.ts';
import type {
	ExamQuestion,
	ItemOverlap,
	SentimentExample,
	TranslationPair,
	WordPair,
} from '../contract/evaluation.ts';
import { firstWithout } from './draws.ts';

/** A text as it is compared: NFC, lower case, white space joined and none around it. */
export const normalised = (text: string): string =>
	text.normalize('NFC').toLowerCase().normalize('NFC').replace(/\s+/gu, ' ').trim();

/** An item is the same as one that is known by a key it is looked for by. */
export interface SameBy<Item> {
	readonly known: (item: Item) => readonly string[];
	readonly wanted: (item: Item) => readonly string[];
}

const byKeys = <Item>(keysOf: SameBy<Item>['known']): SameBy<Item> => ({
	known: keysOf,
	wanted: keysOf,
});

/** The same word, whatever its translation: what is shown of one is a form of the other. */
export const sameWord: SameBy<WordPair> = {
	known: ({ source }) => {
		const forms = source.map(normalised);
		return [`shown ${forms[0]}`, ...forms.map((form) => `form ${form}`)];
	},
	wanted: ({ source }) => {
		const forms = source.map(normalised);
		return [`form ${forms[0]}`, ...forms.map((form) => `shown ${form}`)];
	},
};

/** The same sentence, or the same reference. */
export const samePair = byKeys<TranslationPair>(({ source, target }) => [
	`source ${normalised(source)}`,
	`target ${normalised(target)}`,
]);

export const sameText = byKeys<SentimentExample>(({ text }) => [normalised(text)]);

/** The same question with the same options, in whatever order. */
export const sameQuestion = byKeys<ExamQuestion>(({ question, options }) => {
	const texts = options.split(/\r\n|\n|\r/).map((line) => normalised(optionText(line)));
	return [JSON.stringify([normalised(question), ...texts.sort()])];
});

/** Without the letter in front: `A. ...`. */
export const optionText = (line: string): string => line.replace(/^\s*[A-Z]\./, '');

/** Whether a place in a pool is among others. */
export type Places = Pick<ReadonlySet<number>, 'has'>;

/** Places in `pool` of what is the same as an item. */
export type SameAs<Item> = (item: Item) => Places;

export function sameIn<Item>(pool: readonly Item[], { known, wanted }: SameBy<Item>): SameAs<Item> {
	const places = new Map<string, Set<number>>();
	for (const [place, item] of pool.entries())
		for (const key of known(item)) {
			const own = places.get(key);
			if (own) own.add(place);
			else places.set(key, new Set([place]));
		}
	// Not joined: of a list that is the same item all over, each would cost its whole length.
	return (item) => {
		const found = wanted(item).flatMap((key) => places.get(key) ?? []);
		return { has: (place) => found.some((of) => of.has(place)) };
	};
}

/** Counts items that come twice, and those that are among the examples (`pool`; null: the items show one another). */
export function overlapOf<Item>(
	items: readonly Item[],
	pool: readonly Item[] | null,
	{ known, wanted }: SameBy<Item>,
): ItemOverlap {
	const shots = new Set((pool ?? []).flatMap(known));
	const seen = new Set<string>();
	let repeated = 0;
	let shown = 0;
	for (const item of items) {
		const keys = wanted(item);
		if (keys.some((key) => seen.has(key))) repeated += 1;
		if (keys.some((key) => shots.has(key))) shown += 1;
		for (const key of known(item)) seen.add(key);
	}
	return { items: items.length, repeated, shown, trained: null };
}

/**
 * Throws `BadInput` naming the first item for which fewer than `count` examples are left in `pool` once what is the same
 * as it is not shown.
 */
export function requireShots<Item>(
	title: string,
	items: readonly Item[],
	pool: readonly Item[],
	same: SameAs<Item>,
	count: number,
): void {
	const places = [...pool.keys()];
	const left = (item: Item) => firstWithout(places, count, same(item)).length;
	const short = items.findIndex((item) => left(item) < count);
	const item = items[short];
	if (item === undefined) return;
	throw namedError(
		'BadInput',
		`${title}: item ${short + 1} has ${left(item)} examples other than itself, and ${count} are to be shown; ` +
			'add other examples or show fewer',
	);
}
