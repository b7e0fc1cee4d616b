/** Self-check of kernels that few models need. */
import type { Ops, Tensor } from '../ops.ts';
import type { KernelCase } from './check.ts';
import type { Use } from './onUse.ts';
import { formatCases, oddCases } from './productCases.ts';
import { sample } from './samples.ts';
import { sumCases } from './updateCases.ts';

const [rows, width] = [70, 132];

function geglu(ops: Ops): Tensor[] {
	const [gate, up, dOut] = [1, 2, 3].map((phase) => sample(ops, [rows, width], phase));
	const y = ops.geglu(gate!, up!);
	ops.gegluBackwardInPlace(dOut!, gate!, up!);
	ops.release(dOut!);
	return [y, gate!, up!];
}

function xielu(ops: Ops): Tensor[] {
	const [x, dOut] = [1, 2].map((phase) => sample(ops, [rows, width], phase));
	const [alphaP, alphaN] = [0.4, -0.9].map((alpha) => ops.upload(Float32Array.of(alpha), [1]));
	const curve = { alphaP: alphaP!, alphaN: alphaN!, beta: 0.5, epsilon: -1e-6 };
	const y = ops.xielu(x!, curve);
	const sums = ops.xieluBackwardAlphas(dOut!, x!, curve);
	ops.xieluBackwardInPlace(dOut!, x!, curve);
	ops.release(x!, alphaP!, alphaN!);
	return [y, sums.alphaP, sums.alphaN, dOut!];
}

function scale(ops: Ops): Tensor[] {
	const x = sample(ops, [rows, width], 1);
	ops.scaleInPlace(x, -0.3);
	return [x];
}

const rowSums = ['no subgroups', 'registers'] as const;

export function useCases(use: Use): readonly KernelCase[] {
	switch (use) {
		case 'odd widths':
			return oddCases;
		case 'geglu':
			return [{ kernel: 'geglu', remedies: [], run: geglu }];
		case 'xielu':
			return [{ kernel: 'xielu', remedies: rowSums, run: xielu }];
		case 'axpby':
			return sumCases;
		case 'scale':
			return [{ kernel: 'scale', remedies: [], run: scale }];
		default:
			return formatCases(use);
	}
}
