/** An adapter from elsewhere, put on the loaded model. */
import type { ByteSource } from '../contract/model.ts';
import type { Ops } from '../engine/ops.ts';
import { openAdapter } from '../weights/adapter.ts';
import type { LoadedModel } from './model.ts';

/**
 * Puts an adapter that PEFT saved in place of whatever was trained; matrices it holds in full replace the model's.
 * Throws `BadInput`, before anything changes, where it is not one of this model.
 */
export async function wearAdapter(
	ops: Ops,
	model: LoadedModel,
	sources: readonly ByteSource[],
): Promise<void> {
	const { lora, layers, tensors, read } = await openAdapter(sources, model.shapes);
	const values = new Map<string, Float32Array>();
	for (const { name } of tensors) values.set(name, await read(name));
	await model.reset();
	// What the adapter holds in full is taken as it is.
	await model.keep(({ name }) => (values.has(name) ? 'f32' : null));
	model.adapt(lora, layers, ({ name, shape }) => values.get(name) ?? zeros(shape));
	model.markChanged(values.keys());
	for (const { name } of model.shapes) {
		const whole = values.get(name);
		const parameter = model.decoder.parameters.get(name);
		if (whole !== undefined && parameter !== undefined) ops.write(parameter.tensor, whole);
	}
}

const zeros = (shape: readonly number[]) =>
	new Float32Array(shape.reduce((product, length) => product * length, 1));
