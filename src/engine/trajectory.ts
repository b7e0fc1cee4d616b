/** Losses of the first updates on one batch, for comparison with a reference; the weights are put back. */
import type { TokenBlock } from '../contract/training.ts';
import type { BackwardPlan } from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { createTrainingState, releaseTrainingState, train, type TrainingSpec } from './train.ts';

/** What trains, and how far backward goes for it. */
export interface Region {
	readonly trainable: ReadonlySet<string>;
	readonly plan: BackwardPlan;
}

/** Torch's AdamW, with its names. */
export interface ReferenceOptimizer {
	readonly lr: number;
	readonly betas: readonly [number, number];
	readonly eps: number;
	readonly weight_decay: number;
	/** Largest global norm; null: no clipping. */
	readonly clip: number | null;
}

/** Loss before each of `steps` updates on the whole block. */
export async function trajectory(
	ops: Ops,
	decoder: Decoder,
	block: TokenBlock,
	{ trainable, plan }: Region,
	optimizer: ReferenceOptimizer,
	steps: number,
): Promise<number[]> {
	const saved = [...trainable].map((id) => {
		const { tensor } = decoder.parameters.get(id)!;
		return { tensor, copy: ops.copy(tensor) };
	});
	const state = createTrainingState(ops, decoder, trainable);
	const spec: TrainingSpec = {
		optimizer: {
			learningRate: optimizer.lr,
			beta1: optimizer.betas[0],
			beta2: optimizer.betas[1],
			epsilon: optimizer.eps,
			weightDecay: optimizer.weight_decay,
			decay: 'all',
			clipNorm: optimizer.clip,
		},
		schedule: { kind: 'constant', warmupSteps: 0 },
		batch: { size: block.count, accumulation: 1 },
		steps,
		seed: 0,
		data: { order: 'sequential' },
	};
	const losses: number[] = [];
	for await (const { loss } of train(ops, decoder, spec, block, plan, trainable, state))
		losses.push(loss);
	releaseTrainingState(ops, state);
	for (const { tensor, copy } of saved) {
		ops.write(tensor, await ops.read(copy));
		ops.release(copy);
	}
	return losses;
}
