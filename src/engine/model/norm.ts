/** RMS norms of a decoder, whose gain is their weight or 1 + it. */
import type { BlockRecipe } from '../../contract/model.ts';
import type { Gradients } from '../gradients.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { Parameter } from './weights.ts';

/** What all norms of a model share. */
export interface NormSettings {
	readonly epsilon: number;
	readonly gain: BlockRecipe['gain'];
}

/** Of a norm's forward pass, what its backward pass needs. */
export interface NormState {
	readonly x: Tensor;
	readonly inverseRms: Tensor;
}

function withGain<T>(
	ops: Ops,
	{ tensor }: Parameter,
	{ gain }: NormSettings,
	use: (gain: Tensor) => T,
): T {
	if (gain === 'weight') return use(tensor);
	const sum = ops.empty(tensor.shape);
	ops.fill(sum, 1);
	ops.add(sum, tensor);
	const result = use(sum);
	ops.release(sum);
	return result;
}

export const normForward = (ops: Ops, x: Tensor, norm: Parameter, settings: NormSettings) =>
	withGain(ops, norm, settings, (gain) => ops.rmsNorm(x, gain, settings.epsilon));

/** dx, added to `into` where given; then the weight's gradient, which is that of the gain. */
export function normBackward(
	ops: Ops,
	dy: Tensor,
	norm: Parameter,
	{ x, inverseRms }: NormState,
	settings: NormSettings,
	gradients: Gradients,
	into?: Tensor,
): Tensor {
	const dx = withGain(ops, norm, settings, (gain) =>
		ops.rmsNormBackward(dy, x, gain, inverseRms, into),
	);
	normWeightBackward(ops, dy, norm, { x, inverseRms }, gradients);
	return dx;
}

export function normWeightBackward(
	ops: Ops,
	dy: Tensor,
	norm: Parameter,
	{ x, inverseRms }: NormState,
	gradients: Gradients,
): void {
	gradients.add(norm, (sum) => ops.rmsNormBackwardWeight(dy, x, inverseRms, sum));
}
