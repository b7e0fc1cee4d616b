/** What tasks of prompts and answers share: their results, and prompts and continuations as token ids. */
import { namedError } from '../contract/errors.ts';
import type { GenerationItem, MetricRow, Prediction, TaskName } from '../contract/evaluation.ts';
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
	const shortened = prompts.filter((prompt) => prompt.shortened).length;
	const count = prompts.length;
	return { task: name, subject, metric, mean, sd: null, runs: 1, count, shortened };
}

/** A task's row for a number of each of its evaluation runs. */
export function runsRow(
	{ name, subject }: TaskName,
	metric: MetricRow['metric'],
	values: readonly number[],
	counted: Pick<MetricRow, 'count' | 'shortened' | 'signature'>,
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
	/** Whether its beginning was left out. */
	readonly shortened: boolean;
}

/**
 * At most `room` tokens of a prompt: of a longer one the end, behind the begin-of-sequence token where there is one.
 * Throws `BadInput` naming `where` if not one token of the prompt has room.
 */
export function fitPrompt(
	tokenizer: TextTokenizer,
	ids: readonly number[],
	room: number,
	where: string,
): PromptIds {
	if (ids.length <= room) return { ids, shortened: false };
	const first = ids.slice(0, ids[0] === tokenizer.bosTokenId ? 1 : 0);
	if (room <= first.length)
		throw namedError(
			'BadInput',
			`${where}: the answers leave no room for a prompt; take a model with a longer context`,
		);
	return { ids: [...first, ...ids.slice(first.length - room)], shortened: true };
}

/**
 * Prompt and continuations as token ids. Each continuation is tokenised together with the prompt, as in running text;
 * what all share is the prompt, so that a token that spans the border is scored and not lost.
 */
export function encodeContinuations(
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
