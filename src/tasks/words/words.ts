/** 4-shot word translation (Wendler et al. 2024; METHOD.md 6.1). */
import { namedError } from '../../contract/errors.ts';
import type { Prediction, RunDraws, WordPair, WordSet } from '../../contract/evaluation.ts';
import type { TextTokenizer } from '../../data/tokenizer.ts';
import { createRandom } from '../../engine/random.ts';
import { type Continuation, continuePrompts, type ItemPrompt } from '../continuations.ts';
import { drawOrder, firstWithout } from '../draws.ts';
import { countCuts, type Measured, runsRow, toldCut, toldOverlap } from '../items.ts';
import type { LanguageModel } from '../languageModel.ts';
import { overlapOf, requireShots, sameIn, sameWord } from '../sameItem.ts';
import { beginnings } from './beginnings.ts';

const SHOTS = 4;
const MAXIMUM_TOKENS = 16;

/**
 * `exact-match`: the greedy continuation up to the first quote or newline is an accepted form, whatever its case.
 * `first-token`: the most probable next token is one that may begin an accepted form; of the pairs for which there is
 * such a token and, where the target is not English, none of them may begin the English word as well. It is optimistic,
 * as the prefix of a word counts. Where no pair is like that its row is left out. Both are means over runs with other
 * shots. A word is never shown with its own translation, if it is in another row. Throws `BadInput` where there are too few
 * pairs for the shots.
 */
export async function measureWords(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: WordSet,
	{ runs, seed, shots = SHOTS }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	checkWords(set, { shots });
	const title = `words, ${set.subject}`;
	const drawn = Array.from({ length: runs }, (_, run) => wordPrompts(set, seed + run, shots));
	const options = { maximumTokens: MAXIMUM_TOKENS, marks: ['"', '\n'], title };
	const all = await continuePrompts(model, tokenizer, drawn.flat(), options, onProgress);
	const byRun = drawn.map((_, run) =>
		all.slice(run * set.pairs.length, (run + 1) * set.pairs.length),
	);
	const predictions = byRun.map((said, run) => grade(set.pairs, said, run));
	const about = { name: 'words', subject: set.subject };
	const exact = predictions.map((of) => share(of.map(({ right }) => right)));
	const told = { ...countCuts(all), ...toldOverlap(overlapOf(set.pairs, null, sameWord)) };
	const rows = [runsRow(about, 'exact-match', exact, { count: set.pairs.length, ...told })];
	const sets = set.pairs.map((pair) => firstTokens(tokenizer, set, pair));
	const count = sets.filter((one) => one !== null).length;
	if (count > 0) {
		const first = byRun.map((said) => share(beginRight(sets, said)));
		rows.push(runsRow(about, 'first-token', first, { count, ...told }));
	}
	return { rows, predictions: predictions.flat() };
}

/** Throws `BadInput` where there are too few pairs for the shots, or too few for one of them that has others of the same word. */
export function checkWords(
	{ subject, pairs }: WordSet,
	{ shots = SHOTS }: Pick<RunDraws, 'shots'>,
): void {
	if (pairs.length <= shots)
		throw namedError(
			'BadInput',
			`words, ${subject}: ${pairs.length} pairs of words are too few; ${shots} are shown and another one asked`,
		);
	requireShots(`words, ${subject}`, pairs, pairs, sameIn(pairs, sameWord), shots);
}

/** The prompts of a run, one for each pair: pairs of other words, then the question. Throws as `checkWords` does. */
export function wordPrompts(set: WordSet, seed: number, count = SHOTS): ItemPrompt[] {
	checkWords(set, { shots: count });
	const random = createRandom(seed);
	const ask = ({ source }: WordPair) => `${set.sourceName}: "${source[0]}" - ${set.targetName}: "`;
	const same = sameIn(set.pairs, sameWord);
	return set.pairs.map((pair, asked) => {
		const order = drawOrder(set.pairs.length, asked, random);
		const shots = firstWithout(order, count, same(pair)).flatMap((index) => {
			const shot = set.pairs[index];
			return shot ? [`${ask(shot)}${shot.target[0]}"\n`] : [];
		});
		return { prompt: shots.join('') + ask(pair), item: ask(pair) };
	});
}

const comparable = (text: string) => text.normalize('NFC').toLowerCase();

function grade(
	pairs: readonly WordPair[],
	said: readonly Continuation[],
	run: number,
): Prediction[] {
	return pairs.map(({ target }, index) => {
		const { prompt = '', text = '', cut } = said[index] ?? {};
		const right = target.some((form) => comparable(form) === comparable(text));
		return { prompt, expected: target.join('; '), given: text, right, run, ...toldCut(cut) };
	});
}

/** Whether a vocabulary may spell the words of a language in bytes. */
export const spellsInBytes = (code: string): boolean => code === 'zh' || code === 'ru';

/** Tokens that tell a right answer, or null where there is none or they may tell the English word. */
export function firstTokens(
	tokenizer: TextTokenizer,
	{ targetCode }: WordSet,
	{ english, target }: WordPair,
): Set<number> | null {
	const own = beginnings(tokenizer, target, spellsInBytes(targetCode));
	if (own.size === 0) return null;
	if (targetCode === 'en' || english === null) return own;
	const inEnglish = beginnings(tokenizer, [english], false);
	const ambiguous = inEnglish.size === 0 || [...own].some((id) => inEnglish.has(id));
	return ambiguous ? null : own;
}

function beginRight(sets: readonly (Set<number> | null)[], said: readonly Continuation[]) {
	return sets.flatMap((own, index) => {
		const first = said[index]?.ids[0];
		return own === null ? [] : [first !== undefined && own.has(first)];
	});
}

const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;
