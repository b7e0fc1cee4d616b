/** Tokens that are run, and tokens whose -log p is asked for. */
import { hiddenStates } from './model/decoder.ts';
import { targetLosses } from './model/head.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

/** Tokens of one forward pass, padding included. */
export const TOKENS_AT_ONCE = 4096;

/** A token whose -log p is asked for. */
export interface Asked {
	/** Index of the token it follows. */
	readonly after: number;
	readonly id: number;
	/** Number of the sum its loss is added to. */
	readonly sum: number;
}

/** Tokens that are run, and what is asked about them. */
export interface Scored {
	readonly ids: readonly number[];
	readonly asked: readonly Asked[];
}

/** What is asked of tokens `from` (at least 1) to the end of `ids`; the last one is asked and never run. */
export function scored(ids: readonly number[], from: number, sum: number): Scored {
	const asked = ids.map((id, index) => ({ after: index - 1, id, sum })).slice(Math.max(1, from));
	return { ids: ids.slice(0, -1), asked };
}

/** As many as go together, again and again; one at least. */
export function* batches<Item>(
	items: readonly Item[],
	fit: (batch: readonly Item[]) => boolean,
): Generator<Item[]> {
	let batch: Item[] = [];
	for (const item of items) {
		if (batch.length > 0 && !fit([...batch, item])) {
			yield batch;
			batch = [];
		}
		batch.push(item);
	}
	if (batch.length > 0) yield batch;
}

/** Adds the losses of what is asked, `after` being rows of the residual stream x [rows, hidden], to `sums`. x stays. */
export async function addLosses(
	ops: Ops,
	decoder: Decoder,
	x: Tensor,
	asked: readonly Asked[],
	sums: Float64Array,
): Promise<void> {
	if (asked.length === 0) return;
	const after = Int32Array.from(asked, (one) => one.after);
	const rows = ops.upload(after, [asked.length]);
	// The head is the dearest layer: it sees only what is asked.
	const before = ops.gatherRows(x, rows);
	const targets = Int32Array.from(asked, ({ id }) => id);
	const losses = await targetLosses(ops, decoder, before, targets);
	ops.release(rows, before);
	for (const [index, { sum }] of asked.entries()) sums[sum]! += losses[index]!;
}

/** What is asked of several sequences, one behind the other in rows of `queries`, as one. */
export const askedInRows = (
	sequences: readonly (readonly Asked[])[],
	queries: number,
): readonly Asked[] =>
	sequences.flatMap((asked, row) =>
		asked.map((one) => ({ ...one, after: row * queries + one.after })),
	);

/** Adds to `sums` what is asked of sequences of any length, like lengths together. */
export async function addWholeLosses(
	ops: Ops,
	decoder: Decoder,
	items: readonly Scored[],
	sums: Float64Array,
	onDone: (done: number) => void,
): Promise<void> {
	const order = items
		.filter(({ asked }) => asked.length > 0)
		.sort((a, b) => a.ids.length - b.ids.length);
	const fit = (batch: readonly Scored[]) =>
		batch.at(-1)!.ids.length * batch.length <= TOKENS_AT_ONCE;
	let done = 0;
	for (const batch of batches(order, fit)) {
		const length = batch.at(-1)!.ids.length;
		const inputIds = new Int32Array(batch.length * length);
		for (const [row, { ids }] of batch.entries()) inputIds.set(ids, row * length);
		const sequences = uploadSequences(ops, inputIds, batch.length, length);
		const x = await hiddenStates(ops, decoder, sequences);
		const asked = batch.map((one) => one.asked);
		await addLosses(ops, decoder, x, askedInRows(asked, length), sums);
		ops.release(x);
		releaseSequences(ops, sequences);
		done += batch.length;
		onDone(done);
	}
}
