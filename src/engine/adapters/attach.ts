/** Adapters on a decoder: put on, taken off, and added to the weights they adapt. */
import { namedError } from '../../contract/errors.ts';
import type { WeightFormat } from '../../contract/precision.ts';
import type { Lora } from '../../contract/spec.ts';
import type { Adapter, BlockParameters, Decoder, LinearParameters } from '../model/weights.ts';
import {
	linearLayers,
	type NamedShape,
	type Parameter,
	uploadParameter,
} from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { type AdaptedLayer, adapterScale } from './lora.ts';

export interface AdaptedDecoder {
	/** The base's own tensors, and the adapters' among `parameters`. */
	readonly decoder: Decoder;
	/** Releases the adapters; the base stays. */
	readonly release: () => void;
}

/** Puts adapters on linear layers; `base` stays usable, as the model without them. Where it throws nothing is left allocated. */
export function attachAdapters(
	ops: Ops,
	base: Decoder,
	lora: Pick<Lora, 'alpha' | 'rank' | 'scaling' | 'dropout'>,
	layers: readonly AdaptedLayer[],
	values: (tensor: NamedShape) => Float32Array,
	format: WeightFormat = 'f32',
): AdaptedDecoder {
	const { rank, dropout } = lora;
	const scale = adapterScale(lora);
	const scaling = scale === 1 ? null : scaledIdentity(ops, rank, scale);
	const added = new Map<string, Parameter>();
	const upload = (tensor: NamedShape): Parameter => {
		const parameter = uploadParameter(ops, tensor, values(tensor), format);
		added.set(tensor.name, parameter);
		return parameter;
	};
	const release = () => {
		for (const { tensor } of added.values()) ops.release(tensor);
		if (scaling !== null) ops.release(scaling);
	};
	const adapters = new Map<string, Adapter>();
	try {
		for (const { name, stream, a, b } of layers)
			adapters.set(`${name}.weight`, { a: upload(a), b: upload(b), scaling, dropout, stream });
	} catch (error) {
		release();
		throw error;
	}
	const decoder = {
		...base,
		blocks: base.blocks.map((block) => adaptBlock(block, adapters)),
		parameters: new Map([...base.parameters, ...added]),
	};
	return { decoder, release };
}

function scaledIdentity(ops: Ops, size: number, scale: number): Tensor {
	const values = new Float32Array(size * size);
	for (let i = 0; i < size; i++) values[i * (size + 1)] = scale;
	return ops.upload(values, [size, size]);
}

function adaptBlock(
	block: BlockParameters,
	adapters: ReadonlyMap<string, Adapter>,
): BlockParameters {
	const adapt = (layer: LinearParameters): LinearParameters => ({
		...layer,
		adapter: adapters.get(layer.weight.name) ?? null,
	});
	return {
		...block,
		query: adapt(block.query),
		key: adapt(block.key),
		value: adapt(block.value),
		output: adapt(block.output),
		gate: block.gate && adapt(block.gate),
		up: adapt(block.up),
		down: adapt(block.down),
	};
}

/** The base of an adapted decoder. */
export const withoutAdapters = (adapted: Decoder): Decoder => ({
	...adapted,
	blocks: adapted.blocks.map((block) => adaptBlock(block, new Map())),
});

/**
 * Adds scale · B A to every adapted weight, in place: the base then computes what the adapted decoder did (and the
 * adapted one twice that). Throws `BadInput` where a weight is kept in fewer bits than float32.
 */
export function mergeAdapters(ops: Ops, adapted: Decoder): void {
	addProducts(ops, adapted, 1);
}

/** Undoes `mergeAdapters`, up to rounding in the weights' last digits. */
export function unmergeAdapters(ops: Ops, adapted: Decoder): void {
	addProducts(ops, adapted, -1);
}

function addProducts(ops: Ops, adapted: Decoder, sign: 1 | -1): void {
	for (const block of adapted.blocks)
		for (const { weight, adapter } of linearLayers(block)) {
			if (adapter === null) continue;
			if (weight.tensor.dtype !== 'f32')
				throw namedError(
					'BadInput',
					`${weight.name} is kept in ${weight.tensor.dtype}; load the model in f32 to merge adapters`,
				);
			const { a, b, scaling } = adapter;
			const factor = scaledIdentity(ops, a.tensor.shape[0] ?? 0, sign);
			const left = ops.linear(b.tensor, factor);
			const scaledLeft = scaling === null ? left : ops.linear(left, scaling);
			ops.linearBackwardInput(scaledLeft, a.tensor, weight.tensor);
			ops.release(factor, left, ...(scaling === null ? [] : [scaledLeft]));
		}
}
