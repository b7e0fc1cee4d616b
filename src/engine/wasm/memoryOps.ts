/** Creating, filling, reading and releasing tensors on the wasm heap. */
import { namedError } from '../../contract/errors.ts';
import type { Ops, Tensor } from '../ops.ts';
import type { Device } from './device.ts';

type MemoryOps = Pick<
	Ops,
	| 'empty'
	| 'zeros'
	| 'upload'
	| 'uploadWeight'
	| 'write'
	| 'read'
	| 'readIntegers'
	| 'copy'
	| 'fill'
	| 'release'
	| 'memory'
	| 'resetPeak'
	| 'settle'
	| 'dispose'
>;

function checkRange(tensor: Tensor, offset: number, count: number): void {
	if (offset < 0 || count < 0 || offset + count > tensor.size) {
		throw new RangeError(
			`Elements ${offset} to ${offset + count} are outside a tensor of ${tensor.size} elements.`,
		);
	}
}

function readOps(device: Device): Pick<Ops, 'read' | 'readIntegers'> {
	return {
		read(tensor, offset = 0, count = tensor.size - offset) {
			checkRange(tensor, offset, count);
			const start = device.address(tensor) / 4 + offset;
			return Promise.resolve(device.floats().slice(start, start + count));
		},
		readIntegers(tensor) {
			const start = device.address(tensor) / 4;
			return Promise.resolve(device.integers().slice(start, start + tensor.size));
		},
	};
}

export function memoryOps(device: Device): MemoryOps {
	const empty = (shape: readonly number[]): Tensor => device.tensor(shape, 'f32');
	const fill = (tensor: Tensor, value: number): void => {
		const start = device.address(tensor) / 4;
		const view = tensor.dtype === 'f32' ? device.floats() : device.integers();
		view.fill(value, start, start + tensor.size);
	};
	const write: Ops['write'] = (tensor, values, offset = 0) => {
		checkRange(tensor, offset, values.length);
		const start = device.address(tensor) / 4 + offset;
		if (tensor.dtype === 'f32') device.floats().set(values, start);
		else device.integers().set(values, start);
	};

	const upload: Ops['upload'] = (values, shape) => {
		const tensor = device.tensor(shape, values instanceof Int32Array ? 'i32' : 'f32');
		if (values.length !== tensor.size) {
			device.release(tensor);
			throw new Error(`${values.length} values do not fill a tensor [${shape.join(', ')}].`);
		}
		write(tensor, values);
		return tensor;
	};

	return {
		empty,
		zeros(shape) {
			const tensor = empty(shape);
			fill(tensor, 0);
			return tensor;
		},
		upload,
		uploadWeight(values, shape, format) {
			if (format === 'f32') return upload(values, shape);
			throw namedError('BadInput', `WASM keeps weights in f32 only; choose WebGPU for ${format}`);
		},
		write,
		...readOps(device),
		copy(tensor) {
			const start = device.address(tensor) / 4;
			const result = device.tensor(tensor.shape, tensor.dtype);
			const to = device.address(result) / 4;
			device.integers().copyWithin(to, start, start + tensor.size);
			return result;
		},
		fill,
		release(...tensors) {
			tensors.forEach(device.release);
		},
		memory: device.memory,
		resetPeak: device.resetPeak,
		settle: () => Promise.resolve(),
		dispose: device.dispose,
	};
}
