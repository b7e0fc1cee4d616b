/** Greedy continuation of prompts up to the end of the line, compared with the expected text. */
import type { EvaluationTask, Prediction } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { endsAt } from './ending.ts';
import {
	encodeItems,
	fitPrompt,
	itemRow,
	meanTokenF1,
	type Measured,
	type PromptIds,
	shareRight,
	toldCut,
} from './items.ts';
import type { LanguageModel } from './languageModel.ts';

/** Tokens a continuation may have beyond the longest expected one: the newline, and a few so that too much is seen. */
const MARGIN = 4;

export type GenerationTask = Extract<EvaluationTask, { kind: 'generation' }>;

/** A task as token ids. */
interface PreparedTask {
	readonly task: GenerationTask;
	readonly expected: readonly string[];
	readonly prompts: readonly PromptIds[];
	readonly maximumTokens: number;
}

/**
 * For each task exact match, the share of items whose continuation up to the first newline is the expected text, white
 * space around both left out; and token F1, the mean over the items of the F1 of the longest common subsequence of
 * their tokens. All continuations of a task may be as long as its longest expected one and a few tokens more. A prompt
 * that leaves no room for that in the context loses its beginning, and is counted as shortened. The tasks are run
 * together, as many small ones would leave a device idle. Throws `BadInput` where a task has no item.
 */
export async function measureGeneration(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	tasks: readonly GenerationTask[],
	onProgress: (done: number, total: number) => void,
): Promise<Measured[]> {
	const prepared: PreparedTask[] = [];
	for (const task of tasks) prepared.push(await prepareTask(tokenizer, task, model.contextLength));
	const items = prepared.flatMap(({ prompts, maximumTokens }) =>
		prompts.map(({ ids }) => ({ prompt: ids, maximumTokens })),
	);
	const made = await model.generateGreedily(items, endsAt(tokenizer, ['\n']), (done) => {
		onProgress(done, items.length);
	});
	let at = 0;
	return prepared.map((task) => {
		const own = made.slice(at, (at += task.prompts.length));
		return gradeTask(tokenizer, task, own);
	});
}

async function prepareTask(
	tokenizer: TextTokenizer,
	task: GenerationTask,
	contextLength: number,
): Promise<PreparedTask> {
	const expected = task.items.map(({ answer }) => firstLine(answer));
	const lengths = expected.map((text) => tokenizer.encode(text, { special: false }).length);
	const maximumTokens = Math.max(0, ...lengths) + MARGIN;
	const room = contextLength - maximumTokens;
	const prompts = await encodeItems(task, ({ prompt }, where) =>
		fitPrompt(tokenizer, tokenizer.encode(prompt, { special: true }), room, where),
	);
	return { task, expected, prompts, maximumTokens };
}

function gradeTask(
	tokenizer: TextTokenizer,
	{ task, expected, prompts }: PreparedTask,
	made: readonly (readonly number[])[],
): Measured {
	const predictions = task.items.map(({ prompt }, index): Prediction => {
		const given = firstLine(tokenizer.decode(made[index] ?? []));
		const wanted = expected[index] ?? '';
		const cut = toldCut(prompts[index]?.cut);
		return { prompt, expected: wanted, given, right: given === wanted, ...cut };
	});
	return {
		rows: [
			itemRow(task, 'exact-match', shareRight(predictions), prompts),
			itemRow(task, 'token-f1', meanTokenF1(tokenizer, predictions), prompts),
		],
		predictions,
	};
}

function firstLine(text: string): string {
	return (text.split('\n', 1)[0] ?? '').trim();
}
