/** Whether a model's weights fit the device's memory. */
import { namedError } from '../contract/errors.ts';
import { type WeightFormat, weightFormats } from '../contract/precision.ts';
import type { NamedShape } from '../engine/model/weights.ts';
import { formatOf, weightBytes } from '../engine/precision.ts';
import type { PlanDevice } from './device.ts';

export const gigabytes = (bytes: number) =>
	bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

/** Throws `BadInput` where the weights alone are more than the device may hold, naming the formats that fit. */
export function requireRoom(
	{ backend, memory }: PlanDevice,
	shapes: readonly NamedShape[],
	frozen: WeightFormat,
): void {
	if (memory === null) return;
	const bytesIn = (format: WeightFormat) => {
		const precision = { frozen: format, trainable: 'f32' } as const;
		return shapes.reduce(
			(sum, tensor) => sum + weightBytes(tensor, formatOf(tensor, false, precision)),
			0,
		);
	};
	if (bytesIn(frozen) <= memory) return;
	const smaller = weightFormats.filter((format) => bytesIn(format) <= memory);
	const other = smaller.map((format) => `${format} (${gigabytes(bytesIn(format))})`).join(', ');
	throw namedError(
		'BadInput',
		`The model's weights take ${gigabytes(bytesIn(frozen))} in ${frozen} and the device may hold ` +
			`${gigabytes(memory)}; nothing was allocated. ` +
			(smaller.length === 0
				? 'Choose a smaller model or a device with more memory'
				: backend === 'wasm'
					? `WASM keeps f32 only; on WebGPU they fit in ${other}`
					: `They fit in ${other}`),
	);
}
