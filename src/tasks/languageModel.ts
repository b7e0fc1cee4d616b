/** A language model as the tasks see it; the engine implements it. */

/** One prompt and the texts that may follow it, as token ids. */
export interface ScoredPrompt {
	readonly prompt: readonly number[];
	readonly options: readonly (readonly number[])[];
}

export interface LanguageModel {
	/** Most tokens of a prompt with an option, or of a sequence. */
	readonly contextLength: number;
	/** Sum of log p (natural) of each option after its prompt: result[item][option]. `onDone`: items done so far. */
	scoreContinuations(
		items: readonly ScoredPrompt[],
		onDone: (done: number) => void,
	): Promise<number[][]>;
	/** Per sequence the sum of -log p of the tokens after the first, and their number. */
	sequenceLosses(
		sequences: readonly (readonly number[])[],
		onDone: (done: number) => void,
	): Promise<{ readonly loss: number; readonly tokens: number }[]>;
}
