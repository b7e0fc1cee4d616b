/** Prompts as token ids that leave room for an answer, and what a model says after them. */
import type { PromptCut } from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { endsAt } from './ending.ts';
import { fitPrompt, tokensBefore } from './items.ts';
import type { LanguageModel } from './languageModel.ts';

/** A prompt with its examples, and the item that it ends in. */
export interface ItemPrompt {
	readonly prompt: string;
	readonly item: string;
}

export interface Continuation {
	/** As the model saw it, its beginning left out where it was too long. */
	readonly prompt: string;
	readonly cut: PromptCut | null;
	readonly ids: readonly number[];
	/** Up to the first end mark, white space around it left out. */
	readonly text: string;
}

/**
 * Greedy continuations of at most `maximumTokens` tokens, up to the first of the end marks (single characters). Throws
 * `BadInput` naming `title` and the number of the prompt where the context has no room.
 */
export async function continuePrompts(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	prompts: readonly ItemPrompt[],
	{ maximumTokens, marks, title }: { maximumTokens: number; marks: string[]; title: string },
	onProgress: (done: number, total: number) => void,
): Promise<Continuation[]> {
	const room = model.contextLength - maximumTokens;
	const pause = createPause();
	const fitted = [];
	for (const [index, { prompt, item }] of prompts.entries()) {
		const ids = tokenizer.encode(prompt, { special: true });
		const examples = () => tokensBefore(tokenizer, prompt, item);
		fitted.push(fitPrompt(tokenizer, ids, room, `${title}, prompt ${index + 1}`, examples));
		await pause();
	}
	const made = await model.generateGreedily(
		fitted.map(({ ids }) => ({ prompt: ids, maximumTokens })),
		endsAt(tokenizer, marks),
		(done) => {
			onProgress(done, prompts.length);
		},
	);
	return fitted.map(({ ids, cut }, index) => {
		const own = made[index] ?? [];
		const prompt = cut ? tokenizer.decode(ids) : (prompts[index]?.prompt ?? '');
		return { prompt, cut, ids: own, text: upTo(marks, tokenizer.decode(own)) };
	});
}

function upTo(marks: readonly string[], text: string): string {
	const ends = marks.map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
	return text.slice(0, Math.min(text.length, ...ends)).trim();
}
