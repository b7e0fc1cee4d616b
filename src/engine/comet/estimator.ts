/** The regression on top of COMET's embeddings (comet/models/regression/regression_metric.py). */
import type { Ops } from '../ops.ts';
import type { Comet } from './weights.ts';

/** Embeddings [hidden] of one translation and of what it is compared with. */
export interface EmbeddedItem {
	readonly source: Float32Array;
	readonly translation: Float32Array;
	readonly reference: Float32Array;
}

const itemsAtOnce = 256;

/** One score for each item, about 0 to 1. */
export async function estimate(
	ops: Ops,
	comet: Comet,
	items: readonly EmbeddedItem[],
): Promise<number[]> {
	const scores: number[] = [];
	for (let from = 0; from < items.length; from += itemsAtOnce)
		scores.push(...(await estimateBatch(ops, comet, items.slice(from, from + itemsAtOnce))));
	return scores;
}

async function estimateBatch(
	ops: Ops,
	{ estimator }: Comet,
	items: readonly EmbeddedItem[],
): Promise<Float32Array> {
	let values: Float32Array = Float32Array.from(items.flatMap((item) => [...features(item)]));
	for (const [at, { weight, bias }] of estimator.entries()) {
		const x = ops.upload(values, [items.length, values.length / items.length]);
		const y = ops.linear(x, weight, { bias });
		values = await ops.read(y);
		ops.release(x, y);
		// The rows are few: not worth a kernel.
		if (at < estimator.length - 1) values = values.map((value) => Math.tanh(value));
	}
	return values;
}

/** [mt, ref, mt * ref, |mt - ref|, mt * src, |mt - src|]. */
export function features({ source, translation, reference }: EmbeddedItem): Float32Array {
	const width = translation.length;
	const all = new Float32Array(6 * width);
	for (let i = 0; i < width; i++) {
		const [mt, ref, src] = [translation[i]!, reference[i]!, source[i]!];
		const values = [mt, ref, mt * ref, Math.abs(mt - ref), mt * src, Math.abs(mt - src)];
		for (const [part, value] of values.entries()) all[part * width + i] = value;
	}
	return all;
}
