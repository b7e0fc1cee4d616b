/** How often the units of every block's gate are active on given texts. */
import { blockActivations, blockOutput, releaseActivations } from './model/block.ts';
import { releaseSequences, trainingContext, uploadSequences } from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

/**
 * Adds, for every block and unit, the number of tokens of the sequences, which are equally long, at which act(gate) > 0 to `counts` [layers]
 * [intermediate]: of SiLU, as of the other gates in use, where gate > 0. No padding is run.
 */
export async function countActivations(
	ops: Ops,
	decoder: Decoder,
	ids: readonly (readonly number[])[],
	counts: readonly Uint32Array[],
): Promise<void> {
	const length = ids[0]?.length ?? 0;
	const sequences = uploadSequences(ops, Int32Array.from(ids.flat()), ids.length, length);
	let x = ops.gatherRows(decoder.embedding.tensor, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context = trainingContext(decoder, sequences, layer);
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		await addActive(ops, kept.gate, counts[layer]!);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	ops.release(x);
	releaseSequences(ops, sequences);
}

/** gate [rows, width] */
async function addActive(ops: Ops, gate: Tensor, counts: Uint32Array): Promise<void> {
	const values = await ops.read(gate);
	const { length: width } = counts;
	for (let from = 0; from < values.length; from += width)
		for (let unit = 0; unit < width; unit++) if (values[from + unit]! > 0) counts[unit]!++;
}
