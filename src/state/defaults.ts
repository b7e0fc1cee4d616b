/** The run the form starts with, and what changes with another model or dataset. */
import * as v from 'valibot';
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import { type RunSpec, RunSpecSchema } from '../contract/spec.ts';
import { defaultSpec } from '../experiments/defaults.ts';

/** Stands in until a model is chosen. */
const noModel = { id: '', parameters: Infinity, config: { layers: 2, contextLength: 512 } };

/** The default run with neither model nor dataset chosen: both ids are empty. */
export const initialSpec: RunSpec = defaultSpec(noModel, { id: '', rows: 1000 });

/** The spec for another model: its layers, its context, a learning rate of its size; the rest stays. */
export function forModel(spec: RunSpec, model: ModelRecord): RunSpec {
	const fresh = defaultSpec(model, { id: '', rows: 1000 });
	return {
		...spec,
		model: model.id,
		selection: fresh.selection,
		optimizer: { ...spec.optimizer, learningRate: fresh.optimizer.learningRate },
		data: {
			...spec.data,
			sequenceLength: fresh.data.sequenceLength,
			rowTokens: fresh.data.rowTokens,
		},
	};
}

/** The spec for another dataset: all its rows but the held-out ones; plain text takes no prompt template, chats the model's. */
export function forDataset(spec: RunSpec, dataset: DatasetRecord): RunSpec {
	const fresh = defaultSpec(noModel, dataset);
	const { template: own, heldOut } = fresh.data;
	const isOwn = [own, spec.data.template].some((name) => name === 'plain' || name === 'chat');
	const template = isOwn ? own : spec.data.template;
	return { ...spec, data: { ...spec.data, dataset: dataset.id, rows: null, template, heldOut } };
}

/** A spec from text, or null where it is none (an older page wrote it, or nobody did). */
export function parseSpec(text: string | null): RunSpec | null {
	if (text === null) return null;
	try {
		const result = v.safeParse(RunSpecSchema, JSON.parse(text));
		return result.success ? result.output : null;
	} catch {
		return null;
	}
}
