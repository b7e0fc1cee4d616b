/** Types of optimizers.mjs. */
export type OptimizerKind = 'adamw' | 'adamw-8bit' | 'muon';

interface OptimizerWords {
	readonly label: string;
	/** A short sentence for someone who has never trained a model; may be empty. */
	readonly help: string;
	/** One that makes the same update a little less exactly and keeps less. */
	readonly lighter?: OptimizerKind;
}
export const optimizers: Readonly<Record<OptimizerKind, OptimizerWords>>;
export const optimizerKinds: readonly [OptimizerKind, ...OptimizerKind[]];
export const defaultOptimizer: 'adamw';
