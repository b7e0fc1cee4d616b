/** The receipt of a run: what every tensor was and is, read back from the device and hashed. */
import type { WeightFormat } from '../contract/precision.ts';
import { sha256 } from '../contract/sha256.ts';
import type { Receipt, TensorChange } from '../contract/training.ts';
import { asStored } from '../engine/kernels/weightFormats/formats.ts';
import type { Ops } from '../engine/ops.ts';
import type { LoadedModel } from './model.ts';

/** Of the values' bytes as they lie in memory. */
const hash = (values: Float32Array) => {
	const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
	return sha256(bytes as Uint8Array<ArrayBuffer>);
};

function norms(before: Float32Array, after: Float32Array): { change: number; norm: number } {
	let change = 0;
	let norm = 0;
	for (const [i, old] of before.entries()) {
		change += ((after[i] ?? 0) - old) ** 2;
		norm += old * old;
	}
	return { change: Math.sqrt(change), norm: Math.sqrt(norm) };
}

/** Compares every parameter on the device with the files it came from, in the format it is kept in. */
export async function makeReceipt(
	ops: Ops,
	model: LoadedModel,
	trainable: ReadonlySet<string>,
): Promise<Receipt> {
	const tensors: TensorChange[] = [];
	for (const [name, { tensor }] of model.decoder.parameters) {
		const before = asStored(await model.base(name), tensor.dtype as WeightFormat);
		const after = await ops.read(tensor);
		tensors.push({
			name,
			trainable: trainable.has(name),
			...norms(before, after),
			before: await hash(before),
			after: await hash(after),
		});
	}
	const frozen = tensors.filter((change) => !change.trainable);
	return { tensors, frozenUnchanged: frozen.every(({ before, after }) => before === after) };
}
