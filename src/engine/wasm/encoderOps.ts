/** Layer normalisation and GELU of encoders, forward only. */
import type { EncoderOps } from '../encoderOps.ts';
import type { Device } from './device.ts';
import { elementItems, rowItems } from './rowOps.ts';
import { task } from './tasks.ts';

export function encoderOps(device: Device): EncoderOps {
	const { address, launch } = device;
	return {
		layerNorm(x, weight, bias, epsilon) {
			const rows = x.size / weight.size;
			const y = device.tensor(x.shape, 'f32');
			launch(task.layerNorm, rowItems(rows), x.size, [
				...[address(x), address(weight), address(bias), address(y)],
				...[rows, weight.size, { float: epsilon }],
			]);
			return y;
		},
		gelu(x) {
			const result = device.tensor(x.shape, 'f32');
			launch(task.gelu, elementItems(x.size), x.size, [address(x), address(result), x.size]);
			return result;
		},
	};
}
