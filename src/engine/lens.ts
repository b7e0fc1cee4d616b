/** The logit lens: what every block's output says of the next token (METHOD.md 9; Wendler et al. 2024). */
import { TOKENS_AT_ONCE, batches } from './asked.ts';
import { hiddenStates } from './model/decoder.ts';
import { headRows, logitsOf } from './model/head.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

export interface LensItem {
	/** At least one token. */
	readonly ids: readonly number[];
	/** Sets of tokens whose probability is asked for. */
	readonly sets: readonly ReadonlySet<number>[];
}

/** After one block: sum of p over each set, and the entropy of p in bits. */
export interface LensView {
	readonly probabilities: readonly number[];
	readonly entropy: number;
}

/**
 * p = softmax(head · norm(h)) at the last token of each item, h the output of each block, norm and head those of the
 * model's end: result[item][block].
 */
export async function lensViews(
	ops: Ops,
	decoder: Decoder,
	items: readonly LensItem[],
	onDone: (done: number) => void = () => undefined,
): Promise<LensView[][]> {
	const views = items.map((): LensView[] => []);
	const order = [...items.keys()].sort((a, b) => items[a]!.ids.length - items[b]!.ids.length);
	const most = headRows(decoder.config.vocabularySize, items.length);
	const fit = (batch: readonly number[]) =>
		batch.length <= most && batch.length * items[batch.at(-1)!]!.ids.length <= TOKENS_AT_ONCE;
	let done = 0;
	for (const batch of batches(order, fit)) {
		const length = items[batch.at(-1)!]!.ids.length;
		const inputIds = new Int32Array(batch.length * length);
		for (const [row, item] of batch.entries()) inputIds.set(items[item]!.ids, row * length);
		const sequences = uploadSequences(ops, inputIds, batch.length, length);
		const last = Int32Array.from(batch, (item, row) => row * length + items[item]!.ids.length - 1);
		const view = async (x: Tensor) => {
			const logits = await logitsAt(ops, decoder, x, last);
			const width = logits.length / batch.length;
			for (const [row, item] of batch.entries())
				views[item]!.push(
					viewOf(logits.subarray(row * width, (row + 1) * width), items[item]!.sets),
				);
		};
		// Before the first block there is the embedding, which is no block's output.
		const x = await hiddenStates(ops, decoder, sequences, (before, layer) =>
			layer > 0 ? view(before) : undefined,
		);
		await view(x);
		ops.release(x);
		releaseSequences(ops, sequences);
		done += batch.length;
		onDone(done);
	}
	return views;
}

async function logitsAt(ops: Ops, decoder: Decoder, x: Tensor, rows: Int32Array) {
	const indices = ops.upload(rows, [rows.length]);
	const last = ops.gatherRows(x, indices);
	const logits = logitsOf(ops, decoder, last);
	const values = await ops.read(logits);
	ops.release(indices, last, logits);
	return values;
}

function viewOf(logits: Float32Array, sets: readonly ReadonlySet<number>[]): LensView {
	let largest = -Infinity;
	for (const logit of logits) largest = Math.max(largest, logit);
	const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	let entropy = 0;
	for (const weight of weights)
		if (weight > 0) entropy -= (weight / total) * Math.log2(weight / total);
	const probabilities = sets.map((ids) => {
		let sum = 0;
		for (const id of ids) sum += weights[id]! / total;
		return sum;
	});
	return { probabilities, entropy };
}
