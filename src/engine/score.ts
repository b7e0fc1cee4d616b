/** How probable given texts are: losses of whole sequences and log-probabilities of continuations. */
import { hiddenStates, releaseSequences, targetLosses, uploadSequences } from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';

/** Tokens of one forward pass, padding included. */
export const TOKENS_AT_ONCE = 4096;

/** One sequence and which of its tokens are to be scored: those from `from` on (at least 1). */
interface Scored {
	readonly ids: readonly number[];
	readonly from: number;
}

/** -log p of every token of `ids` from index 1 on, for sequences of any length, right-padded in batches. */
async function tokenLosses(
	ops: Ops,
	decoder: Decoder,
	items: readonly Scored[],
	onDone: (done: number) => void,
): Promise<number[]> {
	// Like lengths go together; the result keeps the order of the items.
	const order = items.map((_, i) => i).sort((a, b) => items[a]!.ids.length - items[b]!.ids.length);
	const sums = new Array<number>(items.length).fill(0);
	for (let at = 0; at < order.length;) {
		const numbers: number[] = [];
		let length = 0;
		while (at < order.length) {
			const next = items[order[at]!]!.ids.length;
			if (numbers.length > 0 && Math.max(length, next) * (numbers.length + 1) > TOKENS_AT_ONCE)
				break;
			length = Math.max(length, next);
			numbers.push(order[at++]!);
		}
		const inputIds = new Int32Array(numbers.length * length);
		const targets = new Int32Array(numbers.length * length).fill(-100);
		for (const [row, number] of numbers.entries()) {
			const { ids, from } = items[number]!;
			inputIds.set(ids, row * length);
			for (let t = Math.max(1, from); t < ids.length; t++) targets[row * length + t - 1] = ids[t]!;
		}
		const sequences = uploadSequences(ops, inputIds, numbers.length, length);
		const x = await hiddenStates(ops, decoder, sequences);
		const losses = await targetLosses(ops, decoder, x, targets);
		ops.release(x);
		releaseSequences(ops, sequences);
		for (const [row, number] of numbers.entries()) {
			let sum = 0;
			for (let t = 0; t < length; t++) sum += losses[row * length + t]!;
			sums[number] = sum;
		}
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
	const items = sequences.map((ids) => ({ ids, from: 1 }));
	const sums = await tokenLosses(ops, decoder, items, onDone);
	return sums.map((loss, i) => ({ loss, tokens: Math.max(0, sequences[i]!.length - 1) }));
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
	const flat = items.flatMap(({ prompt, options }) =>
		options.map((option) => ({ ids: [...prompt, ...option], from: prompt.length })),
	);
	const perItem = flat.length / Math.max(1, items.length);
	const sums = await tokenLosses(ops, decoder, flat, (done) => {
		onDone(Math.floor(done / Math.max(1, perItem)));
	});
	let at = 0;
	return items.map(({ options }) => options.map(() => -sums[at++]!));
}
