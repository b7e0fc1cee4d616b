/** The decoder end to end: embedding, blocks, head; forward alone and layer-wise forward with backward. */
import type { Gradients } from '../gradients.ts';
import type { AttentionShape, Ops, Tensor } from '../ops.ts';
import {
	blockActivations,
	type BlockActivations,
	blockBackward,
	type BlockContext,
	blockOutput,
	releaseActivations,
} from './block.ts';
import { headBackward, normSettings } from './head.ts';
import type { Sequences } from './sequences.ts';
import type { Decoder } from './weights.ts';

/** What block `layer` sees of a batch, but for the positions of its tokens. */
export function layerContext(
	decoder: Decoder,
	layer: number,
	sizes: Pick<AttentionShape, 'batch' | 'queries' | 'keys'>,
): Omit<BlockContext, 'positions'> {
	const { config, recipe, inverseFrequencies } = decoder;
	const { heads, keyValueHeads, headDim } = config;
	const window = config.windows[layer] ?? null;
	return {
		...normSettings(decoder),
		recipe,
		inverseFrequency: inverseFrequencies[layer] ?? null,
		attention: { ...sizes, heads, keyValueHeads, headDim, window },
	};
}

/** What block `layer` sees of a batch of whole sequences. */
export function trainingContext(
	decoder: Decoder,
	sequences: Sequences,
	layer: number,
): BlockContext {
	const { batch, length, positions, segments, dropoutSeed } = sequences;
	return {
		...layerContext(decoder, layer, { batch, queries: length, keys: length }),
		positions,
		...(segments && { segments }),
		...(dropoutSeed !== undefined && { dropoutSeed }),
	};
}

/** The stream before the first block [rows, hidden]: rows of the embedding, scaled where the family does so. */
export function embed(ops: Ops, { embedding, recipe }: Decoder, inputIds: Tensor): Tensor {
	const x = ops.gatherRows(embedding.tensor, inputIds);
	if (recipe.scales.embedding !== 1) ops.scaleInPlace(x, recipe.scales.embedding);
	return x;
}

/** Runs the blocks and keeps nothing. `visit` sees the residual stream before each block and at the end. */
export async function hiddenStates(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	visit: (x: Tensor, layer: number) => Promise<void> | void = () => undefined,
): Promise<Tensor> {
	let x = embed(ops, decoder, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		await visit(x, layer);
		const context = trainingContext(decoder, sequences, layer);
		const kept = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, kept, context);
		releaseActivations(ops, kept);
		ops.release(x);
		x = y;
	}
	return x;
}

export interface BackwardPlan {
	/** Lowest block with anything to train; `layers` where there is none. Blocks below are only run forward. */
	readonly firstBlock: number;
	readonly trainsEmbedding: boolean;
	readonly recompute: boolean;
}

/**
 * One micro-batch: losses of every target, and gradients of gradientScale * (their sum) added to `gradients`.
 * Blocks above the first trainable one keep their activations, or only their input where `recompute` is set.
 * @returns losses [rows], on the device
 */
export function forwardBackward(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	targets: Int32Array,
	gradientScale: number,
	plan: BackwardPlan,
	gradients: Gradients,
): Tensor[] {
	const first = plan.trainsEmbedding ? 0 : plan.firstBlock;
	const { x, inputs, kept: keptBlocks } = forwardKeeping(ops, decoder, sequences, first, plan);
	const needsBlocks = first < decoder.blocks.length || plan.trainsEmbedding;
	const { losses, dx } = headBackward(
		ops,
		decoder,
		x,
		targets,
		gradientScale,
		needsBlocks,
		gradients,
	);
	ops.release(x);
	if (dx === null) return losses;

	for (let layer = decoder.blocks.length - 1; layer >= first; layer--) {
		const block = decoder.blocks[layer]!;
		const input = inputs[layer]!;
		const context = trainingContext(decoder, sequences, layer);
		const kept = keptBlocks[layer] ?? blockActivations(ops, block, input, context);
		const needInput = layer > first || plan.trainsEmbedding;
		blockBackward(ops, block, kept, dx, context, gradients, needInput);
		releaseActivations(ops, kept);
		ops.release(input);
	}
	if (plan.trainsEmbedding)
		gradients.add(decoder.embedding, (into) => {
			const { embedding: scale } = decoder.recipe.scales;
			if (scale !== 1) ops.scaleInPlace(dx, scale);
			const dTable = into ?? ops.zeros(decoder.embedding.tensor.shape);
			ops.scatterAddRows(dTable, sequences.inputIds, dx);
			return dTable;
		});
	ops.release(dx);
	return losses;
}

/** Forward; from block `first` on inputs are kept, and activations unless they will be recomputed. */
function forwardKeeping(
	ops: Ops,
	decoder: Decoder,
	sequences: Sequences,
	first: number,
	plan: BackwardPlan,
) {
	const inputs: Tensor[] = [];
	const kept: (BlockActivations | null)[] = [];
	let x = embed(ops, decoder, sequences.inputIds);
	for (const [layer, block] of decoder.blocks.entries()) {
		const context = trainingContext(decoder, sequences, layer);
		const activations = blockActivations(ops, block, x, context);
		const y = blockOutput(ops, block, activations, context);
		const keep = layer >= first && !plan.recompute;
		if (!keep) releaseActivations(ops, activations);
		if (layer >= first) {
			inputs[layer] = x;
			kept[layer] = keep ? activations : null;
		} else ops.release(x);
		x = y;
	}
	return { x, inputs, kept };
}
