/** The run the form starts with, and what changes with another model or dataset. */
import * as v from 'valibot';
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import { type RunSpec, RunSpecSchema } from '../contract/spec.ts';
import { defaultSpec } from '../experiments/defaults.ts';

/** The default run with neither model nor dataset chosen: both ids are empty. */
export const initialSpec: RunSpec = defaultSpec(
	{ id: '', config: { layers: 2, contextLength: 512 } },
	{ id: '', rows: 1000 },
);

/**
 * Small models need larger steps to move within a hundred updates: 1e-3 below 50 M parameters, 2e-4 below 500 M,
 * else the default.
 */
export function suggestedLearningRate(parameters: number): number {
	if (parameters < 50e6) return 1e-3;
	return parameters < 500e6 ? 2e-4 : initialSpec.optimizer.learningRate;
}

/** The spec for another model: its layers, its context, a learning rate of its size; the rest stays. */
export function forModel(spec: RunSpec, model: ModelRecord): RunSpec {
	const fresh = defaultSpec(model, { id: '', rows: 1000 });
	return {
		...spec,
		model: model.id,
		selection: fresh.selection,
		optimizer: { ...spec.optimizer, learningRate: suggestedLearningRate(model.parameters) },
		data: {
			...spec.data,
			sequenceLength: fresh.data.sequenceLength,
			rowTokens: fresh.data.rowTokens,
		},
	};
}

/** The spec for another dataset: all its rows but the held-out ones. */
export function forDataset(spec: RunSpec, dataset: DatasetRecord): RunSpec {
	const fresh = defaultSpec({ id: '', config: { layers: 2, contextLength: 512 } }, dataset);
	return {
		...spec,
		data: { ...spec.data, dataset: dataset.id, rows: null, heldOut: fresh.data.heldOut },
	};
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
