/** The training loop, top to bottom. */
import { namedError } from '../contract/errors.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StepEvent, TokenBlock } from '../contract/training.ts';
import { createGradients, type Gradients } from './gradients.ts';
import {
	type BackwardPlan,
	forwardBackward,
	releaseSequences,
	uploadSequences,
} from './model/decoder.ts';
import type { Decoder } from './model/weights.ts';
import { dynamicMaps } from './kernels/adamW8bit/dynamicMaps.ts';
import type { Ops, Tensor } from './ops.ts';
import { scheduleFactor } from './optim/schedule.ts';
import { createMoments, type Moments } from './optim/states.ts';
import { createRandom, permutation, randomBits } from './random.ts';

/** What of a run's spec the loop reads. */
export type TrainingSpec = Pick<
	RunSpec,
	'optimizer' | 'precision' | 'schedule' | 'batch' | 'steps' | 'seed'
> & {
	readonly data: Pick<RunSpec['data'], 'order'>;
};

/** All that a run carries from update to update; with the weights it is a complete checkpoint. */
export interface TrainingState {
	/** Updates done. */
	step: number;
	/** Updates done before these moments were new: optimizer and schedule count from here, data from 0. */
	readonly start: number;
	/** First and second moments of the trainable parameters, by name. */
	readonly moments: ReadonlyMap<string, Moments>;
	/** What codes of 8-bit moments stand for (dynamicMaps.ts); null where there are none. */
	readonly maps: Tensor | null;
}

export function createTrainingState(
	ops: Ops,
	decoder: Decoder,
	trainable: ReadonlySet<string>,
	start = 0,
	kind?: RunSpec['optimizer']['kind'],
): TrainingState {
	const moments = new Map<string, Moments>();
	for (const [name, parameter] of decoder.parameters)
		if (trainable.has(name)) moments.set(name, createMoments(ops, kind, parameter));
	const values = kind === 'adamw-8bit' ? dynamicMaps() : null;
	const maps = values && ops.upload(values, [values.length]);
	return { step: start, start, moments, maps };
}

export function releaseTrainingState(ops: Ops, state: TrainingState): void {
	for (const moments of state.moments.values()) ops.release(...Object.values(moments));
	if (state.maps !== null) ops.release(state.maps);
}

/** Sequence numbers of micro-batch `micro` (counted over the whole run): the data cursor is a function of it. */
export function batchSequences(spec: TrainingSpec, count: number, micro: number): number[] {
	const { size } = spec.batch;
	return Array.from({ length: size }, (_, i) => {
		const index = micro * size + i;
		const epoch = Math.floor(index / count);
		if (spec.data.order === 'sequential') return index % count;
		return epochOrder(spec.seed, epoch, count)[index % count] ?? 0;
	});
}

let lastOrder: { key: string; order: Int32Array } | null = null;
function epochOrder(seed: number, epoch: number, count: number): Int32Array {
	const key = `${seed}/${epoch}/${count}`;
	if (lastOrder?.key !== key)
		lastOrder = { key, order: permutation(count, createRandom(seed + 7919 * epoch)) };
	return lastOrder.order;
}

interface MicroBatch {
	readonly inputIds: Int32Array;
	readonly targets: Int32Array;
}

/** Gathers sequences of a block into one micro-batch. */
export function gatherSequences(block: TokenBlock, numbers: readonly number[]): MicroBatch {
	const { sequenceLength: length } = block;
	const inputIds = new Int32Array(numbers.length * length);
	const targets = new Int32Array(numbers.length * length);
	for (const [i, number] of numbers.entries()) {
		const from = number * length;
		inputIds.set(block.inputIds.subarray(from, from + length), i * length);
		targets.set(block.targets.subarray(from, from + length), i * length);
	}
	return { inputIds, targets };
}

/** Losses summed in float64, in order; the tensors are released. */
export async function sumLosses(ops: Ops, losses: readonly Tensor[]): Promise<number> {
	let sum = 0;
	for (const tensor of losses) for (const value of await ops.read(tensor)) sum += value;
	ops.release(...losses);
	return sum;
}

/** Which tensors the weight decay spares under `matrices`: norms and biases, as in Hugging Face's Trainer. */
const decays = (name: string, decay: RunSpec['optimizer']['decay']) =>
	decay === 'all' || !/norm|bias/.test(name);

function update(
	ops: Ops,
	decoder: Decoder,
	spec: TrainingSpec,
	state: TrainingState,
	gradients: Gradients,
	norm: Tensor,
	learningRate: number,
): void {
	const { kind, beta1, beta2, epsilon, weightDecay, clipNorm, decay } = spec.optimizer;
	const names = [...decoder.parameters.keys()];
	for (const [name, gradient] of gradients.tensors) {
		const parameter = decoder.parameters.get(name);
		const moments = state.moments.get(name);
		if (parameter === undefined || moments === undefined)
			throw namedError('NotFound', `No optimizer state for ${name}: the plan and the state differ`);
		const step = {
			learningRate,
			beta1,
			beta2,
			epsilon,
			weightDecay: decays(name, decay) ? weightDecay : 0,
			decay: kind === 'adamw-8bit' ? 'after' : 'before',
			step: state.step - state.start + 1,
			clipNorm,
			...roundingOf(spec, state.step, names.indexOf(name)),
		} as const;
		if ('m' in moments) ops.adamW(parameter.tensor, gradient, moments.m, moments.v, norm, step);
		// Where moments are packed there are maps.
		else ops.adamW8bit(parameter.tensor, gradient, moments.packed, state.maps!, norm, step);
	}
}

/** How update `step` rounds parameter `number` of the model: a resumed run as an uninterrupted one. */
function roundingOf({ precision, seed }: TrainingSpec, step: number, number: number) {
	switch (precision?.trainable) {
		case 'bf16':
			return { rounding: { seed: null } };
		case 'bf16-stochastic':
			return { rounding: { seed: randomBits(randomBits(seed + 32452843, step), number) } };
		default:
			return {};
	}
}

/** Of micro-batch `micro`, counted over the whole run: a resumed run drops what an uninterrupted one does. */
const dropoutSeed = (seed: number, micro: number) => randomBits(seed + 15485863, micro);

/**
 * Trains from `state.step` to `state.start + spec.steps`, yielding after every update. Weights and `state` are changed in place;
 * stopping the generator between updates leaves both complete.
 * @throws NotFinite where loss or gradient norm is not a number; the weights are those before that update
 */
export async function* train(
	ops: Ops,
	decoder: Decoder,
	spec: TrainingSpec,
	block: TokenBlock,
	plan: BackwardPlan,
	trainable: ReadonlySet<string>,
	state: TrainingState,
): AsyncGenerator<StepEvent, void> {
	const { size, accumulation } = spec.batch;
	const length = block.sequenceLength;
	const gradients = createGradients(ops, trainable);
	try {
		while (state.step < state.start + spec.steps) {
			const started = performance.now();
			const micros = Array.from({ length: accumulation }, (_, i) =>
				gatherSequences(block, batchSequences(spec, block.count, state.step * accumulation + i)),
			);
			const targets = micros.reduce((sum, micro) => sum + countTargets(micro.targets), 0);
			const losses: Tensor[] = [];
			for (const [i, micro] of micros.entries()) {
				const sequences = {
					...uploadSequences(ops, micro.inputIds, size, length),
					dropoutSeed: dropoutSeed(spec.seed, state.step * accumulation + i),
				};
				const scale = 1 / Math.max(1, targets);
				losses.push(
					...forwardBackward(ops, decoder, sequences, micro.targets, scale, plan, gradients),
				);
				releaseSequences(ops, sequences);
			}
			const norm = ops.globalNorm([...gradients.tensors.values()]);
			const factor = scheduleFactor(spec.schedule, state.step - state.start, spec.steps);
			const learningRate = spec.optimizer.learningRate * factor;
			// Encoded before the losses are read, so the device never waits; it leaves all as it is if the norm is not finite.
			update(ops, decoder, spec, state, gradients, norm, learningRate);
			gradients.clear();
			const lossSum = await sumLosses(ops, losses);
			const [gradientNorm = NaN] = await ops.read(norm);
			ops.release(norm);
			const loss = lossSum / Math.max(1, targets);
			if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
				throw namedError(
					'NotFinite',
					`Step ${state.step}: loss ${loss}, gradient norm ${gradientNorm}. ` +
						'Lower the learning rate or the clip norm, or look for damaged rows in the data',
				);
			const step = state.step++;
			const seconds = (performance.now() - started) / 1000;
			const tokens = size * accumulation * length;
			yield { step, loss, gradientNorm, learningRate, tokens, seconds };
		}
	} finally {
		gradients.clear();
	}
}

/** Tokens that are to be predicted. */
export function countTargets(targets: Int32Array): number {
	let count = 0;
	for (const target of targets) if (target >= 0) count++;
	return count;
}
