/** What a run may state of Muon; names and defaults are those of torch.optim.Muon (torch 2.13). */
import * as v from 'valibot';
import { noList } from './noList.ts';
import type { OptimizerKind } from './optimizers.mjs';

const rate = v.pipe(v.number(), v.finite(), v.minValue(0));

const OptionsSchema = v.strictObject({
	/** Peak learning rate of Muon's matrices; absent: that of the rest. */
	learningRate: v.exactOptional(rate),
	/** Memory of the mean of the gradients; absent: 0.95. */
	momentum: v.exactOptional(v.pipe(rate, v.ltValue(1))),
	/** Whether the mean is taken one gradient further; absent: true. */
	nesterov: v.exactOptional(v.boolean()),
	/** Newton-Schulz iterations; absent: 5. */
	newtonSchulzSteps: v.exactOptional(
		v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)),
	),
	/**
	 * What the learning rate of a matrix [rows, columns] is multiplied by. `original` (as where it is not stated):
	 * sqrt(max(1, rows / columns)); such rates are far above AdamW's, 0.02 say. `match_rms_adamw`: 0.2 sqrt(max(rows,
	 * columns)), with which an update is as large as AdamW's, so that its learning rates fit (Liu et al. 2025).
	 */
	adjustLearningRate: v.exactOptional(v.picklist(['original', 'match_rms_adamw'])),
});

export const MuonSchema = noList(OptionsSchema);
type Stated = v.InferOutput<typeof MuonSchema>;
export type MuonOptions = Required<Stated>;

/** Of an optimizer's group in a specification. */
interface WithMuon {
	readonly kind?: OptimizerKind;
	readonly muon?: Stated;
}

/** Options that the optimizer of the run does not read are refused. */
export const isOfMuon = ({ kind, muon }: WithMuon): boolean =>
	muon === undefined || kind === 'muon';
export const notOfMuon =
	'`muon` says how the optimizer "muon" moves, and the run has another: leave it out, or state its `kind`';

export const muonOptions = ({
	learningRate,
	muon,
}: WithMuon & { readonly learningRate: number }): MuonOptions => ({
	learningRate,
	momentum: 0.95,
	nesterov: true,
	newtonSchulzSteps: 5,
	adjustLearningRate: 'original',
	...muon,
});
