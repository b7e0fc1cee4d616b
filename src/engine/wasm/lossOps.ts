/** Loss, gradient norm and the AdamW update. */
import type { Ops } from '../ops.ts';
import type { Device } from './device.ts';
import { elementsPerItem } from './rowOps.ts';
import { task } from './tasks.ts';

/** Must equal ROWS_PER_ITEM of assembly/loss.ts. */
const rowsPerItem = 4;

export function lossOps(device: Device): Pick<Ops, 'crossEntropy' | 'globalNorm' | 'adamW'> {
	const { address, launch } = device;
	return {
		crossEntropy(logits, labels, gradientScale) {
			const rows = labels.size;
			const losses = device.tensor([rows], 'f32');
			launch(task.crossEntropy, Math.ceil(rows / rowsPerItem), logits.size, [
				...[address(logits), address(labels), address(losses), rows, logits.size / rows],
				...[{ float: gradientScale ?? 0 }, gradientScale === null ? 0 : 1],
			]);
			return losses;
		},
		globalNorm(tensors) {
			const items = tensors.map((tensor) => Math.ceil(tensor.size / elementsPerItem));
			const total = items.reduce((sum, count) => sum + count, 0);
			const partials = device.scratch('partials', total * 8);
			const result = device.tensor([1], 'f32');
			let done = 0;
			tensors.forEach((tensor, index) => {
				const count = items[index] ?? 0;
				const parameters = [address(tensor), tensor.size, partials + done * 8];
				launch(task.squares, count, tensor.size, parameters);
				done += count;
			});
			launch(task.norm, 1, total, [partials, total, address(result)]);
			return result;
		},
		adamW(parameter, gradient, m, v, norm, step) {
			const { size } = parameter;
			// Every call before has run: the norm is known here.
			const length = device.floats()[address(norm) / 4] ?? NaN;
			if (!Number.isFinite(length)) return;
			const clipping = step.clipNorm === null ? 1 : Math.min(1, step.clipNorm / (length + 1e-6));
			const correction2 = 1 - step.beta2 ** step.step;
			const keep = 1 - step.learningRate * step.weightDecay;
			// Decay after the step shrinks the step, too.
			const rate = step.learningRate * (step.decay === 'before' ? 1 : keep);
			launch(task.adamW, Math.ceil(size / elementsPerItem), size, [
				...[address(parameter), address(gradient), address(m), address(v), size],
				...[
					clipping,
					1 - step.beta1,
					step.beta2,
					1 - step.beta2,
					step.epsilon,
					keep,
					rate / (1 - step.beta1 ** step.step),
					1 / Math.sqrt(correction2),
				].map((float) => ({ float })),
			]);
		},
	};
}
