// Memory operations: allocation, copies, filling.
import type { Ops } from '../ops.ts';
import fillCode from '../kernels/fill/fill.wgsl?raw';
import type { Context } from './context.ts';
import { groupsFor, quadsOf } from './context.ts';

type Allocation = Pick<
	Ops,
	'empty' | 'zeros' | 'copy' | 'fill' | 'release' | 'memory' | 'resetPeak'
>;

export const createAllocation = (context: Context): Allocation => {
	const { runtime, arena } = context;
	const fillKernel = context.kernel('fill', fillCode, 'w');
	return {
		empty: (shape) => context.empty(shape),
		zeros: (shape) => {
			const tensor = context.empty(shape);
			for (const block of arena.windows(tensor).map(context.block)) {
				runtime.touch(block);
				runtime.encoder.commands().clearBuffer(block.buffer);
			}
			return tensor;
		},
		copy: (tensor) => {
			const result = arena.allocate(tensor.shape, tensor.dtype);
			const targets = arena.windows(result).map(context.block);
			arena.windows(tensor).forEach((window, i) => {
				const [from, to] = [context.block(window), targets[i]!];
				runtime.touch(from);
				runtime.touch(to);
				runtime.encoder.commands().copyBufferToBuffer(from.buffer, 0, to.buffer, 0, to.bytes);
			});
			return result;
		},
		fill: (tensor, value) => {
			for (const window of arena.windows(tensor)) {
				const quads = quadsOf(window);
				runtime.dispatch(fillKernel, [context.block(window)], groupsFor(quads), [quads], [value]);
			}
		},
		release: (...tensors) => {
			for (const tensor of tensors) arena.release(tensor);
		},
		memory: () => arena.memory(),
		resetPeak: () => {
			arena.resetPeak();
		},
	};
};
