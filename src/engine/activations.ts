/** How often the units of every block's gate are active on given texts. */
import { blockActivations, blockOutput, releaseActivations } from './model/block.ts';
import { embed, trainingContext } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';

/**
 * Adds, for every block and unit, the number of tokens of the sequences, which are equally long, at which act(gate) > 0 to `counts` [layers]
 * [intermediate]: of SiLU and GELU where gate > 0; of an mlp without gate at which act(up) > 0. No padding is run.
 */
export async function countActivations(
	ops: Ops,
	decoder: Decoder,
	ids: readonly (readonly number[])[],
	counts: readonly Uint32Array[],
): Promise<void> {
	const length = ids[0]?.length ?? 0;
	const sequences = uploadSequences(ops, Int32Array.from(ids.flat()), ids.length, length);
	let x = embed(ops, decoder, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context = trainingContext(decoder, sequences, layer);
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		await addActive(ops, kept.mlp.gate ?? kept.mlp.hidden, counts[layer]!);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	ops.release(x);
	releaseSequences(ops, sequences);
}

/** values [rows, width] */
async function addActive(ops: Ops, gate: Tensor, counts: Uint32Array): Promise<void> {
	const values = await ops.read(gate);
	const { length: width } = counts;
	for (let from = 0; from < values.length; from += width)
		for (let unit = 0; unit < width; unit++) if (values[from + unit]! > 0) counts[unit]!++;
}
