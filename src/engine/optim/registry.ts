/** All optimizers by the `kind` of a specification; what people read of them is in contract/optimizers.mjs. */
import { defaultOptimizer, type OptimizerKind } from '../../contract/optimizers.mjs';
import { adamW } from './adamW.ts';
import { adamW8bit } from './adamW8bit.ts';
import { muon } from './muon.ts';
import type { Optimizer } from './optimizer.ts';

const optimizers: Readonly<Record<OptimizerKind, Optimizer>> = {
	[adamW.kind]: adamW,
	[adamW8bit.kind]: adamW8bit,
	[muon.kind]: muon,
};

/** Of a specification; absent: the default. */
export const optimizerOf = (kind: OptimizerKind = defaultOptimizer): Optimizer => optimizers[kind];
