/**
 * Muon (Jordan et al. 2024) as torch.optim.Muon of torch 2.13: the mean of a matrix's gradients is orthogonalised before it
 * is subtracted. As Keller Jordan and torch have it, only matrices of hidden layers move so, here the linear layers'
 * weights of the decoder layers; embedding and head (matrices, but their rows are seen one at a time), norms and biases
 * move by AdamW. With LoRA no matrix of a layer trains, so that is refused: how a product of two factors should be
 * orthogonalised is not settled.
 */
import { namedError } from '../../contract/errors.ts';
import { type MuonOptions, muonOptions } from '../../contract/muon.ts';
import type { NamedShape } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { adamW } from './adamW.ts';
import {
	newtonSchulz,
	newtonSchulzFloats,
	newtonSchulzFlops,
	type Polynomial,
} from './newtonSchulz.ts';
import type { DueParameter, Optimizer } from './optimizer.ts';

const isMatrix = ({ name, shape }: NamedShape): boolean =>
	shape.length === 2 && name.startsWith('model.layers.');

/** Torch's `_adjust_lr`: what the learning rate of a matrix is multiplied by. */
function rateFactor(
	adjustment: MuonOptions['adjustLearningRate'],
	[rows = 0, columns = 0]: readonly number[],
): number {
	if (adjustment === 'original') return Math.sqrt(Math.max(1, rows / columns));
	return 0.2 * Math.sqrt(Math.max(rows, columns));
}

/**
 * B = B + (1 - mu)(g - B); u = g + mu (B - g), or B without `nesterov`; W = W (1 - lr wd) - lr ratio NewtonSchulz(u). The
 * gradient is clipped first, as AdamW's is. Weights decay by the learning rate itself, not by the adjusted one.
 */
export function updateMatrix(
	ops: Ops,
	{ parameter, moments, step }: DueParameter,
	gradient: Tensor,
	norm: Tensor,
	polynomial?: Polynomial,
): void {
	const buffer = moments.m!;
	const options = muonOptions(step.optimizer);
	const { momentum, nesterov, newtonSchulzSteps, adjustLearningRate } = options;
	const other = ops.zeros(parameter.shape);
	// `other` is the share of the new gradient until u is in it.
	const share = { alpha: 1 - momentum, beta: 0, clipNorm: step.clipNorm };
	ops.axpby(other, gradient, norm, share);
	ops.axpby(buffer, other, norm, { alpha: 1, beta: momentum });
	const ahead = nesterov ? { alpha: momentum, beta: 1 } : { alpha: 1, beta: 0 };
	ops.axpby(other, buffer, norm, ahead);
	const pair = [other, gradient] as const;
	const direction = newtonSchulz(ops, pair, norm, newtonSchulzSteps, polynomial);
	const learningRate = options.learningRate * step.scheduled;
	ops.axpby(parameter, direction, norm, {
		alpha: -learningRate * rateFactor(adjustLearningRate, parameter.shape),
		beta: 1 - learningRate * step.weightDecay,
		...(step.rounding && { rounding: step.rounding }),
	});
	ops.release(other);
}

export const muon = {
	kind: 'muon',
	/** Of a matrix torch's `momentum_buffer`, a first moment without its second. */
	states: (parameter) =>
		isMatrix(parameter) ? { m: { shape: parameter.shape, dtype: 'f32' } } : adamW.states(parameter),
	check({ tune }) {
		if (tune !== undefined)
			throw namedError(
				'BadInput',
				'Muon moves whole matrices of decoder layers, and with LoRA none of them trains: choose AdamW, or train layers in full',
			);
	},
	workspaceFloats: (parameter) => (isMatrix(parameter) ? newtonSchulzFloats(parameter.shape) : 0),
	flops: (parameter, optimizer) =>
		isMatrix(parameter)
			? newtonSchulzFlops(parameter.shape, muonOptions(optimizer).newtonSchulzSteps)
			: 0,
	update(ops, due, gradient, norm) {
		// A matrix has no second moment.
		if (due.moments.v === undefined) updateMatrix(ops, due, gradient, norm);
		else adamW.update(ops, due, gradient, norm);
	},
	fused: {
		takes: (parameter) => !isMatrix(parameter) && adamW.fused.takes(parameter),
		update: (...request) => adamW.fused.update(...request),
	},
} as const satisfies Optimizer;
