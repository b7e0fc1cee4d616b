/** Pieces of work one after the other, whoever asks for them. */

export interface Turn {
	readonly add: (work: () => Promise<void>) => void;
	/** Resolves once all that was added is done; never rejects. */
	readonly done: () => Promise<void>;
}

/** `failed` is told of a piece that rejects; the next one is done all the same. */
export function inTurn(failed: (error: unknown) => void): Turn {
	let last: Promise<void> = Promise.resolve();
	return {
		add(work) {
			last = last.then(work).catch(failed);
		},
		done: () => last,
	};
}
