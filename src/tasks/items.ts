/** What tasks of prompts and answers share: their results, and prompts and continuations as token ids. */
import { namedError } from '../contract/errors.ts';
import type {
	GenerationItem,
	ItemOverlap,
	MetricRow,
	Prediction,
	PromptCut,
	TaskName,
} from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { commonPrefix } from '../data/tokenRows.ts';
import type { ScoredPrompt } from './languageModel.ts';
import { sequenceF1 } from './metrics/sequenceF1.ts';
import { meanAndSd } from './metrics/spread.ts';

export interface Measured {
	readonly rows: readonly Omit<MetricRow, 'weights'>[];
	/** In the order of the items. */
	readonly predictions: readonly Prediction[];
}

/** For messages: `words, Javanese to English`. */
export const titleOf = ({ name, subject }: TaskName): string => `${name}, ${subject}`;

/** A task's row for a number that is a mean over its items. */
export function itemRow(
	{ name, subject }: TaskName,
	metric: MetricRow['metric'],
	mean: number,
	prompts: readonly PromptIds[],
): Omit<MetricRow, 'weights'> {
	const counted = { count: prompts.length, ...countCuts(prompts) };
	return { task: name, subject, metric, mean, sd: null, runs: 1, ...counted };
}

/** How many prompts were shortened, and of how many the item itself. */
export function countCuts(
	prompts: readonly { readonly cut: PromptCut | null }[],
): Pick<MetricRow, 'shortened' | 'cutItems'> {
	const shortened = prompts.filter(({ cut }) => cut !== null).length;
	const cutItems = prompts.filter(({ cut }) => cut === 'item').length;
	return cutItems > 0 ? { shortened, cutItems } : { shortened };
}

/** For a row; nothing where no item is known from elsewhere. */
export const toldOverlap = (overlap: ItemOverlap): Pick<MetricRow, 'overlap'> =>
	overlap.repeated + overlap.shown + (overlap.trained ?? 0) > 0 ? { overlap } : {};

/** For a prediction; nothing where the prompt is whole. */
export const toldCut = (cut: PromptCut | null | undefined): Pick<Prediction, 'cut'> =>
	cut ? { cut } : {};

/** A task's row for a number of each of its evaluation runs. */
export function runsRow(
	{ name, subject }: TaskName,
	metric: MetricRow['metric'],
	values: readonly number[],
	counted: Pick<MetricRow, 'count' | 'shortened' | 'cutItems' | 'overlap' | 'signature'>,
): Omit<MetricRow, 'weights'> {
	return { task: name, subject, metric, ...meanAndSd(values), runs: values.length, ...counted };
}

/** Share of predictions that are right. */
export const shareRight = (predictions: readonly Prediction[]): number =>
	predictions.filter(({ right }) => right).length / predictions.length;

/** Mean over the predictions of the F1 of the longest common subsequence of tokens. */
export function meanTokenF1(tokenizer: TextTokenizer, predictions: readonly Prediction[]): number {
	const tokens = (text: string) => tokenizer.encode(text, { special: false });
	const scores = predictions.map((one) => sequenceF1(tokens(one.given), tokens(one.expected)));
	return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

export interface PromptIds {
	readonly ids: readonly number[];
	/** What of its beginning was left out. */
	readonly cut: PromptCut | null;
}

/**
 * At most `room` tokens of a prompt: of a longer one the end, behind the begin-of-sequence token where there is one.
 * `examples`: tokens in front of the item, the begin-of-sequence token included. Throws `BadInput` naming `where` if not
 * one token of the prompt has room.
 */
export function fitPrompt(
	tokenizer: TextTokenizer,
	ids: readonly number[],
	room: number,
	where: string,
	examples: () => number = () => 0,
): PromptIds {
	if (ids.length <= room) return { ids, cut: null };
	const first = ids.slice(0, ids[0] === tokenizer.bosTokenId ? 1 : 0);
	if (room <= first.length)
		throw namedError(
			'BadInput',
			`${where}: the answers leave no room for a prompt; take a model with a longer context`,
		);
	const from = ids.length - room + first.length;
	return { ids: [...first, ...ids.slice(from)], cut: from > examples() ? 'item' : 'examples' };
}

/** Tokens of a prompt in front of its last `item`. */
export const tokensBefore = (tokenizer: TextTokenizer, prompt: string, item: string): number =>
	tokenizer.encode(prompt.slice(0, prompt.length - item.length), { special: true }).length;

/**
 * Prompt and continuations as token ids. Each continuation is tokenised together with the prompt, as in running text;
 * what all share is the prompt, so that a token that spans the border is scored and not lost.
 *
 * The score of a continuation c is sum over i of log p(c_i | prompt, c_1, ..., c_(i-1)). Where the tokens of one begin
 * with all those of another, as "good enough" and "good" may, the longer one could never have the larger sum: then each
 * is scored with `end` behind it, what follows an answer in the examples, which makes it the probability of this answer
 * and no more. Throws `BadInput` naming two that are the same tokens even so.
 */
export function encodeContinuations(
	tokenizer: TextTokenizer,
	prompt: string,
	continuations: readonly string[],
	end: string,
): ScoredPrompt {
	const open = encodeTogether(tokenizer, prompt, continuations);
	if (sharedBeginning(continuations, open) === null) return open;
	const ended = continuations.map((text) => text + end);
	const closed = encodeTogether(tokenizer, prompt, ended);
	const same = sharedBeginning(continuations, closed);
	if (same === null) return closed;
	const [one, other] = same.map((index) => JSON.stringify(continuations[index]?.trim()));
	throw namedError(
		'BadInput',
		`The answers ${one} and ${other} cannot be told apart: one begins with all tokens of the other, or they are the ` +
			'same to this model; change one of them',
	);
}

/** Two of several texts whose first has all its tokens at the beginning of the second; null where there are none. */
function sharedBeginning(
	texts: readonly string[],
	{ options }: ScoredPrompt,
): [number, number] | null {
	for (const [one, ids] of options.entries()) {
		const other = options.findIndex(
			(longer, index) => texts[index] !== texts[one] && ids.every((id, at) => id === longer[at]),
		);
		if (other >= 0) return [one, other];
	}
	return null;
}

function encodeTogether(
	tokenizer: TextTokenizer,
	prompt: string,
	continuations: readonly string[],
): ScoredPrompt {
	const alone = tokenizer.encode(prompt, { special: true });
	const joined = continuations.map((text) => tokenizer.encode(prompt + text, { special: true }));
	const shared = Math.min(...joined.map((ids) => commonPrefix(ids, alone)));
	return { prompt: alone.slice(0, shared), options: joined.map((ids) => ids.slice(shared)) };
}

/** Calls `encode` for every item, letting the thread breathe. Throws `BadInput` where there is no item. */
export async function encodeItems<Item extends GenerationItem, Encoded>(
	task: TaskName & { readonly items: readonly Item[] },
	encode: (item: Item, where: string) => Encoded,
): Promise<Encoded[]> {
	if (task.items.length === 0)
		throw namedError('BadInput', `${titleOf(task)}: there is no item to measure; add some`);
	const pause = createPause();
	const encoded: Encoded[] = [];
	for (const [index, item] of task.items.entries()) {
		encoded.push(encode(item, `${titleOf(task)}, item ${index + 1}`));
		await pause();
	}
	return encoded;
}
