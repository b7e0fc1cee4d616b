/** One update of the trainable parameters: at once when all gradients are there, or one by one in backward. */
import { namedError } from '../../contract/errors.ts';
import type { RunSpec } from '../../contract/spec.ts';
import { createGradients, type Gradients } from '../gradients.ts';
import type { Decoder } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { randomBits } from '../random.ts';
import type { Moments } from './states.ts';

type UpdateSpec = Pick<RunSpec, 'optimizer' | 'precision' | 'batch' | 'seed'>;

/**
 * Whether a parameter is updated as soon as its gradient is whole, so that no two whole gradients are there at a time.
 * Clipping needs the norm of all first, and accumulation needs all until the last micro-batch.
 */
export const updatesInBackward = ({
	optimizer,
	batch,
}: Pick<UpdateSpec, 'optimizer' | 'batch'>): boolean =>
	optimizer.clipNorm === null && batch.accumulation === 1;

export interface Update {
	/** Where backward puts the gradients. */
	readonly gradients: Gradients;
	/** After the last micro-batch: what has not been updated is. @returns the global gradient norm [1] */
	finish(): Tensor;
	/**
	 * After `finish` gave a norm that is not finite: the first parameter, in the order of backward (head, last layer, ...,
	 * embedding), whose gradient has one; null where only their squares together exceed float32.
	 */
	firstNotFinite(): Promise<string | null>;
	/** Gives back gradients and norm. */
	release(): void;
}

/** What an update is made with; `number` counts from 1 since the moments were new, for the bias correction. */
export interface UpdateRates {
	readonly learningRate: number;
	readonly number: number;
	/** Updates of the whole run before this one. */
	readonly step: number;
}

/**
 * Nothing changes where the norm is not finite; in backward, that is the norm of the gradients so far, so parameters
 * whose turn came before the first gradient that is not finite are changed.
 */
export function beginUpdate(
	ops: Ops,
	decoder: Decoder,
	spec: UpdateSpec,
	trainable: ReadonlySet<string>,
	optimizer: { readonly moments: ReadonlyMap<string, Moments>; readonly maps: Tensor | null },
	rates: UpdateRates,
): Update {
	/** Of the gradients up to and with that of `name`, in the order of backward; a few bytes each. */
	const norms: { readonly name: string | null; readonly norm: Tensor }[] = [];
	const measure = (name: string | null, more: readonly Tensor[]) => {
		const before = norms.at(-1);
		const norm = ops.globalNorm(before === undefined ? more : [before.norm, ...more]);
		norms.push({ name, norm });
		return norm;
	};
	const apply = (name: string, gradient: Tensor, length: Tensor) => {
		updateParameter(ops, decoder, spec, optimizer, rates, name, gradient, length);
	};
	const gradients = updatesInBackward(spec)
		? createGradients(ops, trainable, (name, gradient) => {
				apply(name, gradient, measure(name, [gradient]));
			})
		: createGradients(ops, trainable);
	return {
		gradients,
		finish() {
			const left = [...gradients.tensors.values()];
			const last = norms.at(-1);
			const whole = last === undefined || left.length > 0 ? measure(null, left) : last.norm;
			for (const [name, gradient] of gradients.tensors) apply(name, gradient, whole);
			return whole;
		},
		async firstNotFinite() {
			for (const { name, norm } of norms)
				if (name !== null && !(await isFinite(ops, norm))) return name;
			for (const [name, gradient] of gradients.tensors) {
				const norm = ops.globalNorm([gradient]);
				const finite = await isFinite(ops, norm);
				ops.release(norm);
				if (!finite) return name;
			}
			return null;
		},
		release() {
			gradients.clear();
			ops.release(...norms.map(({ norm }) => norm));
		},
	};
}

async function isFinite(ops: Ops, norm: Tensor): Promise<boolean> {
	const [value = NaN] = await ops.read(norm);
	return Number.isFinite(value);
}

/** Which tensors the weight decay spares under `matrices`: norms and biases, as in Hugging Face's Trainer. */
const decays = (name: string, decay: RunSpec['optimizer']['decay']) =>
	decay === 'all' || !/norm|bias/.test(name);

function updateParameter(
	ops: Ops,
	decoder: Decoder,
	spec: UpdateSpec,
	{ moments: all, maps }: Parameters<typeof beginUpdate>[4],
	{ learningRate, number, step: done }: UpdateRates,
	name: string,
	gradient: Tensor,
	norm: Tensor,
): void {
	const { kind, beta1, beta2, epsilon, weightDecay, clipNorm, decay } = spec.optimizer;
	const parameter = decoder.parameters.get(name);
	const moments = all.get(name);
	if (parameter === undefined || moments === undefined)
		throw namedError('NotFound', `No optimizer state for ${name}: the plan and the state differ`);
	const step = {
		learningRate,
		beta1,
		beta2,
		epsilon,
		weightDecay: decays(name, decay) ? weightDecay : 0,
		decay: kind === 'adamw-8bit' ? 'after' : 'before',
		step: number,
		clipNorm,
		...roundingOf(spec, done, () => [...decoder.parameters.keys()].indexOf(name)),
	} as const;
	if ('m' in moments) ops.adamW(parameter.tensor, gradient, moments.m, moments.v, norm, step);
	// Where moments are packed there are maps.
	else ops.adamW8bit(parameter.tensor, gradient, moments.packed, maps!, norm, step);
}

/** How update `step` rounds a parameter, by its `number` in the model: a resumed run as an uninterrupted one. */
function roundingOf({ precision, seed }: UpdateSpec, step: number, number: () => number) {
	switch (precision?.trainable) {
		case 'bf16':
			return { rounding: { seed: null } };
		case 'bf16-stochastic':
			return { rounding: { seed: randomBits(randomBits(seed + 32452843, step), number()) } };
		default:
			return {};
	}
}
