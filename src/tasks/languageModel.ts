/** A language model as the tasks see it; the engine implements it. */

/** One prompt and the texts that may follow it, as token ids. */
export interface ScoredPrompt {
	readonly prompt: readonly number[];
	readonly options: readonly (readonly number[])[];
}

export interface PromptToContinue {
	readonly prompt: readonly number[];
	/** Most tokens of its continuation. */
	readonly maximumTokens: number;
}

export interface LanguageModel {
	/** Most tokens of a prompt with an option, or of a sequence. */
	readonly contextLength: number;
	/** Sum of log p (natural) of each option after its prompt: result[item][option]. `onDone`: items done so far. */
	scoreContinuations(
		items: readonly ScoredPrompt[],
		onDone: (done: number) => void,
	): Promise<number[][]>;
	/**
	 * The most probable token again and again, until `isDone` says so of all tokens a continuation has so far, an
	 * end-of-sequence token (which is kept), its `maximumTokens` or the end of the context. `onDone`: prompts done so
	 * far.
	 */
	generateGreedily(
		items: readonly PromptToContinue[],
		isDone: (made: readonly number[]) => boolean,
		onDone: (done: number) => void,
	): Promise<number[][]>;
	/** Per sequence the sum of -log p of the tokens after the first, and their number. */
	sequenceLosses(
		sequences: readonly (readonly number[])[],
		onDone: (done: number) => void,
	): Promise<{ readonly loss: number; readonly tokens: number }[]>;
	/**
	 * After every block, what it says of the token behind `ids`: the probability of each set of tokens, and the entropy
	 * in bits: result[item][block].
	 */
	lensViews(
		items: readonly {
			readonly ids: readonly number[];
			readonly sets: readonly ReadonlySet<number>[];
		}[],
		onDone: (done: number) => void,
	): Promise<{ readonly probabilities: readonly number[]; readonly entropy: number }[][]>;
}
