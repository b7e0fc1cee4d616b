/** How probable given texts are: losses of whole sequences and log-probabilities of continuations. */
import { hiddenStates, releaseSequences, targetLosses, uploadSequences } from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';

/** Tokens of one forward pass, padding included. */
export const TOKENS_AT_ONCE = 4096;

/** A token whose -log p is asked for. */
interface Asked {
	/** Index of the token it follows. */
	readonly after: number;
	readonly id: number;
	/** Number of the sum its loss is added to. */
	readonly sum: number;
}

/** Tokens that are run, and what is asked about them. */
interface Scored {
	readonly ids: readonly number[];
	readonly asked: readonly Asked[];
}

/** What is asked of tokens `from` (at least 1) to the end of `ids`; the last one is asked and never run. */
function scored(ids: readonly number[], from: number, sum: number): Scored {
	const asked = ids.map((id, index) => ({ after: index - 1, id, sum })).slice(Math.max(1, from));
	return { ids: ids.slice(0, -1), asked };
}

/** Runs right-padded sequences of `length` and adds the losses of what is asked to `sums`. */
async function addLosses(
	ops: Ops,
	decoder: Decoder,
	batch: readonly Scored[],
	length: number,
	sums: Float64Array,
): Promise<void> {
	const inputIds = new Int32Array(batch.length * length);
	const asked = batch.flatMap(({ ids, asked }, row) => {
		inputIds.set(ids, row * length);
		return asked.map((one) => ({ ...one, after: row * length + one.after }));
	});
	const sequences = uploadSequences(ops, inputIds, batch.length, length);
	const x = await hiddenStates(ops, decoder, sequences);
	const rows = ops.upload(
		Int32Array.from(asked, ({ after }) => after),
		[asked.length],
	);
	// The head is the dearest layer: it sees only what is asked.
	const before = ops.gatherRows(x, rows);
	const targets = Int32Array.from(asked, ({ id }) => id);
	const losses = await targetLosses(ops, decoder, before, targets);
	ops.release(x, rows, before);
	releaseSequences(ops, sequences);
	for (const [index, { sum }] of asked.entries()) sums[sum]! += losses[index]!;
}

/** Sums of -log p of what is asked of sequences of any length, like lengths together. */
async function askedLosses(
	ops: Ops,
	decoder: Decoder,
	items: readonly Scored[],
	count: number,
	onDone: (done: number) => void,
): Promise<Float64Array> {
	const order = items
		.filter(({ asked }) => asked.length > 0)
		.sort((a, b) => a.ids.length - b.ids.length);
	const sums = new Float64Array(count);
	for (let at = 0; at < order.length;) {
		const batch: Scored[] = [];
		let length = 0;
		while (at < order.length) {
			const next = order[at]!;
			const longest = Math.max(length, next.ids.length);
			if (batch.length > 0 && longest * (batch.length + 1) > TOKENS_AT_ONCE) break;
			length = longest;
			batch.push(next);
			at++;
		}
		await addLosses(ops, decoder, batch, length, sums);
		onDone(at);
	}
	return sums;
}

/** Sum of -log p over the tokens after the first, and their number, for every sequence. */
export async function sequenceLosses(
	ops: Ops,
	decoder: Decoder,
	sequences: readonly (readonly number[])[],
	onDone: (done: number) => void = () => undefined,
): Promise<{ loss: number; tokens: number }[]> {
	const items = sequences.map((ids, index) => scored(ids, 1, index));
	const sums = await askedLosses(ops, decoder, items, items.length, onDone);
	return sequences.map(({ length }, i) => ({ loss: sums[i]!, tokens: Math.max(0, length - 1) }));
}

/** Options whose tokens to run begin alike are run once: those of one token cost no more than their prompt. */
function shareRuns(options: readonly Scored[]): Scored[] {
	const shared: { ids: readonly number[]; asked: Asked[] }[] = [];
	for (const { ids, asked } of [...options].sort((a, b) => b.ids.length - a.ids.length)) {
		const longer = shared.find((other) => ids.every((id, index) => id === other.ids[index]));
		if (longer) longer.asked.push(...asked);
		else shared.push({ ids, asked: [...asked] });
	}
	return shared;
}

/** Sum of log p of each option's tokens after its prompt: result[item][option]. */
export async function scoreContinuations(
	ops: Ops,
	decoder: Decoder,
	items: readonly {
		readonly prompt: readonly number[];
		readonly options: readonly (readonly number[])[];
	}[],
	onDone: (done: number) => void = () => undefined,
): Promise<number[][]> {
	let count = 0;
	const runs = items.flatMap(({ prompt, options }) =>
		shareRuns(options.map((option) => scored([...prompt, ...option], prompt.length, count++))),
	);
	const sums = await askedLosses(ops, decoder, runs, count, (done) => {
		onDone(Math.floor((done / runs.length) * items.length));
	});
	let at = 0;
	return items.map(({ options }) => options.map(() => -sums[at++]!));
}
