/** LoRA: the tensors a run's specification asks for, and what they are before the first update. */
import { namedError } from '../../contract/errors.ts';
import { adapterTargets, type Lora } from '../../contract/spec.ts';
import type { NamedShape } from '../model/weights.ts';
import { createRandom } from '../random.ts';

/** A linear layer with its adapter. */
export interface AdaptedLayer {
	/** Name of the linear layer, e.g. `model.layers.0.self_attn.q_proj`. */
	readonly name: string;
	/** Number among all linear layers of the model's decoder layers: of its random numbers. */
	readonly stream: number;
	/** [rank, in] */
	readonly a: NamedShape;
	/** [out, rank] */
	readonly b: NamedShape;
}

const linearWeight = /^(model\.layers\.(\d+)\.\w+\.(\w+_proj))\.weight$/;
const adapterTensor = /^model\.layers\.(\d+)\.\w+\.(\w+_proj)\.lora_([AB])\.weight$/;

const streamOf = (layer: number, target: string): number =>
	layer * adapterTargets.length + adapterTargets.findIndex((known) => known === target);

/** What B A is multiplied by (rank-stabilised: Kalajdzievski 2023). */
export const adapterScale = ({
	alpha,
	rank,
	scaling,
}: Pick<Lora, 'alpha' | 'rank' | 'scaling'>): number =>
	alpha / (scaling === 'rank-stabilised' ? Math.sqrt(rank) : rank);

/** Adapters on linear layers of the given decoder layers; names are PEFT's without `base_model.model.`. */
export function adaptedLayers(
	lora: Pick<Lora, 'rank' | 'targets'>,
	layers: readonly number[],
	parameters: readonly NamedShape[],
): AdaptedLayer[] {
	const { rank } = lora;
	const targets: readonly string[] = lora.targets;
	const adapted: AdaptedLayer[] = [];
	for (const { name: weight, shape } of parameters) {
		const [, name = '', layer, target = ''] = linearWeight.exec(weight) ?? [];
		if (!layers.includes(Number(layer)) || !targets.includes(target)) continue;
		const [outputs = 0, inputs = 0] = shape;
		adapted.push({
			name,
			stream: streamOf(Number(layer), target),
			a: { name: `${name}.lora_A.weight`, shape: [rank, inputs] },
			b: { name: `${name}.lora_B.weight`, shape: [outputs, rank] },
		});
	}
	return adapted;
}

/**
 * Throws `BadInput` where the rank is larger than a side of a matrix: such an adapter, which PEFT makes and this lab reads,
 * can do no more than training the matrix itself, at a higher price.
 */
export function refuseWideRank(adapted: readonly AdaptedLayer[]): void {
	for (const { name, a, b } of adapted) {
		const [rank = 0, inputs = 0] = a.shape;
		const [outputs = 0] = b.shape;
		const most = Math.min(outputs, inputs);
		if (rank > most)
			throw namedError(
				'BadInput',
				`LoRA rank ${rank} is larger than a side of ${name}.weight [${outputs}, ${inputs}]: ` +
					`take a rank of at most ${most}, or leave ${name.split('.').at(-1) ?? name} out of the targets`,
			);
	}
}

/**
 * Values of an adapter tensor before the first update: A uniform in ±1/sqrt(in) (kaiming with a = sqrt 5, as in PEFT),
 * B zeros. Every tensor has a random stream of its own: a layer starts alike whichever others are selected.
 */
export function initialAdapter(seed: number, { name, shape }: NamedShape): Float32Array {
	const [rows = 0, columns = 0] = shape;
	const [, layer, target = '', side] = adapterTensor.exec(name) ?? [];
	const values = new Float32Array(rows * columns);
	if (side !== 'A') return values;
	const random = createRandom(seed + 104729 * (1 + streamOf(Number(layer), target)));
	const bound = 1 / Math.sqrt(columns);
	return values.map(() => bound * (2 * random.next() - 1));
}

/**
 * The name of a parameter that PEFT calls `base_model.model.NAME`, or where it trains in full
 * `base_model.model.MODULE.modules_to_save.weight`.
 */
export const fromPeftName = (name: string): string =>
	name.replace(/^base_model\.model\./, '').replace('.modules_to_save.', '.');
