/** A model with an adapter from elsewhere on it. */
import type { ByteSource, ModelSource } from '../contract/model.ts';
import type { Progress } from '../contract/progress.ts';
import type { Ops } from '../engine/ops.ts';
import { fitAdapter, type PeftAdapter, readAdapter } from '../weights/adapter.ts';
import { type LoadedModel, loadModel } from './model.ts';

/**
 * Loads a model with an adapter that PEFT saved; matrices it holds in full are in place of the model's own. A tied model
 * has one matrix or two, as the adapter does in PEFT. Throws `BadInput`, before anything is allocated where the adapter
 * itself is at fault; what was loaded is released.
 */
export async function loadAdapted(
	ops: Ops,
	source: ModelSource,
	adapter: readonly ByteSource[],
	onProgress: (progress: Progress) => void,
	memory: number | null,
): Promise<LoadedModel> {
	const files = await readAdapter(adapter);
	const model = await loadModel(ops, source, files.separatesHead, onProgress, 'f32', memory);
	try {
		await wearAdapter(ops, model, await fitAdapter(files, model.shapes));
		return model;
	} catch (error) {
		model.release();
		throw error;
	}
}

/** Puts an adapter on a model as its files have it, whatever the head of a tied one is. */
export async function wearAdapter(
	ops: Ops,
	model: LoadedModel,
	adapter: PeftAdapter,
): Promise<void> {
	const { lora, layers, tensors, read } = adapter;
	const values = new Map<string, Float32Array>();
	for (const { name } of tensors) values.set(name, await read(name));
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
