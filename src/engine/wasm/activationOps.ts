/** Activations of an mlp, forward and backward. */
import type { ActivationOps } from '../activationOps.ts';
import type { Tensor } from '../ops.ts';
import type { Device } from './device.ts';
import { elementItems, rowItems } from './rowOps.ts';
import { task } from './tasks.ts';

export function activationOps(device: Device): ActivationOps {
	const { address, launch } = device;
	const forward = (number: number) => (gate: Tensor, up: Tensor) => {
		const { size } = gate;
		const result = device.tensor(gate.shape, 'f32');
		launch(number, elementItems(size), size, [...[gate, up, result].map(address), size]);
		return result;
	};
	const backward = (number: number) => (dOut: Tensor, gate: Tensor, up: Tensor) => {
		const { size } = gate;
		launch(number, elementItems(size), size, [...[dOut, gate, up].map(address), size]);
	};
	return {
		swiglu: forward(task.swiglu),
		swigluBackwardInPlace: backward(task.swigluBackward),
		geglu: forward(task.geglu),
		gegluBackwardInPlace: backward(task.gegluBackward),
		xielu(x, { alphaP, alphaN, beta, epsilon }) {
			const y = device.tensor(x.shape, 'f32');
			launch(task.xielu, elementItems(x.size), x.size, [
				...[x, alphaP, alphaN, y].map(address),
				...[x.size, { float: beta }, { float: epsilon }],
			]);
			return y;
		},
		xieluBackwardInPlace(dOut, x, { alphaP, alphaN, beta }) {
			launch(task.xieluBackward, elementItems(x.size), x.size, [
				...[dOut, x, alphaP, alphaN].map(address),
				...[x.size, { float: beta }],
			]);
		},
		xieluBackwardAlphas(dOut, x, { alphaP, alphaN, epsilon }) {
			const width = x.shape.at(-1) ?? 1;
			const rows = x.size / width;
			const [ofP, ofN] = [device.tensor([rows, 1], 'f32'), device.tensor([rows, 1], 'f32')];
			launch(task.xieluAlphas, rowItems(rows), x.size, [
				...[dOut, x, alphaP, alphaN, ofP, ofN].map(address),
				...[rows, width, { float: epsilon }],
			]);
			return { alphaP: ofP, alphaN: ofN };
		},
	};
}
