/** Greedy continuation of prompts up to the end of the line, compared with the expected text. */
import type { EvaluationTask, Prediction } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { encodeItems, fitPrompt, itemRow, type Measured, shareRight } from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { sequenceF1 } from './metrics/sequenceF1.ts';

/** Tokens a continuation may have beyond the longest expected one: the newline, and a few so that too much is seen. */
const MARGIN = 4;

/**
 * Exact match, the share of items whose continuation up to the first newline is the expected text, white space around
 * both left out; and token F1, the mean over the items of the F1 of the longest common subsequence of their tokens.
 * All continuations may be as long as the longest expected one and a few tokens more. A prompt that leaves no room for
 * that in the context loses its beginning, and is counted as shortened. Throws `BadInput` where there is no item.
 */
export async function measureGeneration(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	task: Extract<EvaluationTask, { kind: 'generation' }>,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	const tokens = (text: string) => tokenizer.encode(text, { special: false });
	const expected = task.items.map(({ answer }) => firstLine(answer));
	const answers = expected.map(tokens);
	const longest = answers.reduce((most, { length }) => Math.max(most, length), 0);
	const maximumTokens = longest + MARGIN;
	const room = model.contextLength - maximumTokens;
	const prompts = await encodeItems(task, ({ prompt }, where) =>
		fitPrompt(tokenizer, tokenizer.encode(prompt, { special: true }), room, where),
	);
	const made = await model.generateGreedily(
		prompts.map(({ ids }) => ids),
		{ maximumTokens, isDone: endsLine(tokenizer) },
		(done) => {
			onProgress(done, prompts.length);
		},
	);
	const given = made.map((ids) => firstLine(tokenizer.decode(ids)));
	const scores = given.map((text, index) => sequenceF1(tokens(text), answers[index] ?? []));
	const predictions = task.items.map(({ prompt }, index): Prediction => {
		const [said = '', wanted = ''] = [given[index], expected[index]];
		return { prompt, expected: wanted, given: said, right: said === wanted };
	});
	const f1 = scores.reduce((sum, score) => sum + score, 0) / scores.length;
	return {
		rows: [
			itemRow(task, 'exact-match', shareRight(predictions), prompts),
			itemRow(task, 'token-f1', f1, prompts),
		],
		predictions,
	};
}

function firstLine(text: string): string {
	return (text.split('\n', 1)[0] ?? '').trim();
}

/** Whether the newest token has a newline in it. */
function endsLine(tokenizer: TextTokenizer): (made: readonly number[]) => boolean {
	const known = new Map<number, boolean>();
	return (made) => {
		const id = made.at(-1);
		if (id === undefined) return false;
		const ends = known.get(id) ?? tokenizer.decode([id]).includes('\n');
		known.set(id, ends);
		return ends;
	};
}
