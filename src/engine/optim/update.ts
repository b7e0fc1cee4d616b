/** One update of the trainable parameters: at once when all gradients are there, or one by one in backward. */
import { namedError } from '../../contract/errors.ts';
import { clipNormOf, type RunSpec } from '../../contract/spec.ts';
import { createGradients, type FusedUpdate, type Gradients } from '../gradients.ts';
import type { Decoder } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { randomBits } from '../random.ts';
import type { DueParameter, Moments } from './optimizer.ts';
import { optimizerOf } from './registry.ts';

type UpdateSpec = Pick<RunSpec, 'optimizer' | 'precision' | 'batch' | 'seed'>;

/**
 * Whether a parameter is updated as soon as its gradient is whole, so that no two whole gradients are there at a time, and
 * of weights of linear layers none where the backend, the optimizer and the shape allow it (fusedOps.ts).
 * Clipping needs the norm of all first, and accumulation needs all until the last micro-batch.
 */
export const updatesInBackward = ({
	optimizer,
	batch,
}: Pick<UpdateSpec, 'optimizer' | 'batch'>): boolean =>
	clipNormOf(optimizer) === null && batch.accumulation === 1;

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

/** What the optimizer holds of the parameters: see TrainingState in train.ts. */
interface Held {
	readonly moments: ReadonlyMap<string, Moments>;
	readonly constants: Tensor | null;
	readonly earlier: ReadonlyMap<string, number>;
}

/** What an update is made with; `number` counts from 1 since the state was made, for the bias correction. */
export interface UpdateRates {
	/** Factor of the schedule on every learning rate. */
	readonly scheduled: number;
	readonly number: number;
	/** Updates of the whole run before this one. */
	readonly step: number;
}

/**
 * Nothing changes where the norm is not finite; in backward, that is the norm of the gradients so far, so parameters
 * whose turn came before the first gradient that is not finite are changed, and, where there is no such gradient in
 * memory, what is finite of its own parameter.
 */
export function beginUpdate(
	ops: Ops,
	decoder: Decoder,
	spec: UpdateSpec,
	trainable: ReadonlySet<string>,
	held: Held,
	rates: UpdateRates,
): Update {
	const norms = createNorms(ops);
	const optimizer = optimizerOf(spec.optimizer.kind);
	const due = (name: string) => dueOf(decoder, spec, held, rates, name);
	const apply = (name: string, gradient: Tensor, length: Tensor) => {
		optimizer.update(ops, due(name), gradient, length);
	};
	const fused: FusedUpdate | undefined = optimizer.fused && {
		takes: ({ name, tensor: { shape } }) => optimizer.fused!.takes({ name, shape }),
		update(name, dy, x) {
			const parts = optimizer.fused!.update(ops.fused!, due(name), dy, x, norms.soFar());
			norms.measure(name, [parts]);
			ops.release(parts);
		},
	};
	const use = (name: string, gradient: Tensor) => {
		apply(name, gradient, norms.measure(name, [gradient]));
	};
	const gradients = updatesInBackward(spec)
		? createGradients(ops, trainable, use, ops.fused && fused)
		: createGradients(ops, trainable);
	return {
		gradients,
		finish() {
			const left = [...gradients.tensors.values()];
			const last = norms.last();
			const whole = last === undefined || left.length > 0 ? norms.measure(null, left) : last;
			for (const [name, gradient] of gradients.tensors) apply(name, gradient, whole);
			return whole;
		},
		async firstNotFinite() {
			const first = await norms.firstNotFinite();
			if (first !== null) return first;
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
			norms.release();
		},
	};
}

/** Of the gradients up to and with that of each name, in the order of backward; a few bytes each. */
function createNorms(ops: Ops) {
	const norms: { readonly name: string | null; readonly norm: Tensor }[] = [];
	const last = () => norms.at(-1)?.norm;
	const push = (name: string | null, norm: Tensor) => {
		norms.push({ name, norm });
		return norm;
	};
	return {
		last,
		/** Before the first: 0. */
		soFar: () => last() ?? push(null, ops.zeros([1])),
		/** Of `more` and all before them. */
		measure: (name: string | null, more: readonly Tensor[]) => {
			const before = last();
			return push(name, ops.globalNorm(before === undefined ? more : [before, ...more]));
		},
		async firstNotFinite(): Promise<string | null> {
			for (const { name, norm } of norms)
				if (name !== null && !(await isFinite(ops, norm))) return name;
			return null;
		},
		release: () => {
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

/** What an update of one parameter needs beside its gradient. */
function dueOf(
	decoder: Decoder,
	spec: UpdateSpec,
	{ moments: all, constants, earlier }: Held,
	{ scheduled, number, step: done }: UpdateRates,
	name: string,
): DueParameter {
	const { optimizer } = spec;
	const parameter = decoder.parameters.get(name);
	const moments = all.get(name);
	if (parameter === undefined || moments === undefined)
		throw namedError('NotFound', `No optimizer state for ${name}: the plan and the state differ`);
	const step = {
		optimizer,
		scheduled,
		learningRate: optimizer.learningRate * scheduled,
		weightDecay: decays(name, optimizer.decay) ? optimizer.weightDecay : 0,
		step: number + (earlier.get(name) ?? 0),
		clipNorm: clipNormOf(optimizer),
		...roundingOf(spec, done, () => [...decoder.parameters.keys()].indexOf(name)),
	};
	return { parameter: parameter.tensor, moments, constants, step };
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
