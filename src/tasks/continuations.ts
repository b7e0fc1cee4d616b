/** Prompts as token ids that leave room for an answer, and what a model says after them. */
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { endsAt } from './ending.ts';
import { fitPrompt } from './items.ts';
import type { LanguageModel } from './languageModel.ts';

export interface Continuation {
	/** As the model saw it, its beginning left out where it was too long. */
	readonly prompt: string;
	readonly shortened: boolean;
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
	prompts: readonly string[],
	{ maximumTokens, marks, title }: { maximumTokens: number; marks: string[]; title: string },
	onProgress: (done: number, total: number) => void,
): Promise<Continuation[]> {
	const room = model.contextLength - maximumTokens;
	const pause = createPause();
	const fitted = [];
	for (const [index, prompt] of prompts.entries()) {
		const ids = tokenizer.encode(prompt, { special: true });
		fitted.push(fitPrompt(tokenizer, ids, room, `${title}, prompt ${index + 1}`));
		await pause();
	}
	const made = await model.generateGreedily(
		fitted.map(({ ids }) => ({ prompt: ids, maximumTokens })),
		endsAt(tokenizer, marks),
		(done) => {
			onProgress(done, prompts.length);
		},
	);
	return fitted.map(({ ids, shortened }, index) => {
		const own = made[index] ?? [];
		const prompt = shortened ? tokenizer.decode(ids) : (prompts[index] ?? '');
		return { prompt, shortened, ids: own, text: upTo(marks, tokenizer.decode(own)) };
	});
}

function upTo(marks: readonly string[], text: string): string {
	const ends = marks.map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
	return text.slice(0, Math.min(text.length, ...ends)).trim();
}
