/** Where a run changed the model: relative change per part of the network, from the receipt. Pure. */
import type { Receipt, TensorChange } from '../contract/training.ts';

export interface PartChange {
	readonly id: string;
	readonly name: string;
	/** Norm of the difference over norm before, all tensors of the part together. */
	readonly relative: number;
	readonly trainable: boolean;
}

/** Part of the network a Hugging Face tensor name belongs to: its sort key and its name. */
function partOf(name: string): { order: number; label: string } {
	const layer = /(?:^|\.)layers\.(\d+)\./.exec(name)?.[1];
	if (layer !== undefined) return { order: Number(layer), label: `Layer ${layer}` };
	if (name.includes('embed_tokens')) return { order: -1, label: 'Embedding' };
	if (name.includes('lm_head')) return { order: 1e9, label: 'Output head' };
	return { order: 1e8, label: 'Final norm' };
}

/** Names of tensors that were to train and are the same to the last bit. */
export const stillTensors = ({ tensors }: Receipt): readonly string[] =>
	tensors.flatMap(({ name, trainable, before, after }) =>
		trainable && before === after ? [name] : [],
	);

/** One entry per part, from input to output. */
export function fingerprint(receipt: Receipt): readonly PartChange[] {
	const orders = [...new Set(receipt.tensors.map(({ name }) => partOf(name).order))];
	return orders
		.sort((a, b) => a - b)
		.map((order) => {
			const tensors = receipt.tensors.filter(({ name }) => partOf(name).order === order);
			const length = (of: (tensor: TensorChange) => number) => Math.hypot(...tensors.map(of));
			const name = partOf(tensors[0]?.name ?? '').label;
			return {
				id: name,
				name,
				relative: length(({ change }) => change) / (length(({ norm }) => norm) || 1),
				trainable: tensors.some(({ trainable }) => trainable),
			};
		});
}
