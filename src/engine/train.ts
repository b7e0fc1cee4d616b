/** The training loop, top to bottom. */
import { namedError } from '../contract/errors.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StepEvent, TokenBlock } from '../contract/training.ts';
import { type BatchSpec, countTargets, createBatches, type MicroBatch } from './batches.ts';
import { type BackwardPlan, forwardBackward } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
import type { Moments } from './optim/optimizer.ts';
import { optimizerOf } from './optim/registry.ts';
import { scheduleFactor } from './optim/schedule.ts';
import { createMoments } from './optim/states.ts';
import { beginUpdate, type Update } from './optim/update.ts';
import { randomBits } from './random.ts';

/** What of a run's spec the loop reads. */
export type TrainingSpec = Pick<RunSpec, 'optimizer' | 'precision' | 'schedule' | 'steps'> &
	BatchSpec;

/** All that a run carries from update to update; with the weights it is a complete checkpoint. */
export interface TrainingState {
	/** Updates done. */
	step: number;
	/** Updates done before this state was made: the schedule counts from here, data from 0. */
	readonly start: number;
	/** Updates that moments were carried over from, by parameter; absent: they were zero. For the bias correction. */
	readonly earlier: ReadonlyMap<string, number>;
	/** What the optimizer keeps of the trainable parameters, by name. */
	readonly moments: ReadonlyMap<string, Moments>;
	/** Numbers that the optimizer looks up; null where it needs none. */
	readonly constants: Tensor | null;
}

/** Throws `OutOfMemory`, and leaves nothing allocated then. */
export function createTrainingState(
	ops: Ops,
	decoder: Decoder,
	trainable: ReadonlySet<string>,
	start = 0,
	kind?: RunSpec['optimizer']['kind'],
	earlier: TrainingState['earlier'] = new Map(),
): TrainingState {
	const moments = new Map<string, Moments>();
	try {
		for (const [name, parameter] of decoder.parameters)
			if (trainable.has(name)) moments.set(name, createMoments(ops, kind, parameter));
		const values = optimizerOf(kind).constants?.();
		const constants = values ? ops.upload(values, [values.length]) : null;
		return { step: start, start, earlier, moments, constants };
	} catch (error) {
		for (const made of moments.values()) ops.release(...Object.values(made));
		throw error;
	}
}

export function releaseTrainingState(ops: Ops, state: TrainingState): void {
	for (const moments of state.moments.values()) ops.release(...Object.values(moments));
	if (state.constants !== null) ops.release(state.constants);
}

/** Losses summed in float64, in order; the tensors are released. */
export async function sumLosses(ops: Ops, losses: readonly Tensor[]): Promise<number> {
	let sum = 0;
	for (const tensor of losses) for (const value of await ops.read(tensor)) sum += value;
	ops.release(...losses);
	return sum;
}

/** Of micro-batch `micro`, counted over the whole run: a resumed run drops what an uninterrupted one does. */
const dropoutSeed = (seed: number, micro: number) => randomBits(seed + 15485863, micro);

/**
 * Trains from `state.step` to `state.start + spec.steps`, yielding after every update. Weights and `state` are changed in place;
 * stopping the generator between updates leaves both complete.
 * @throws NotFinite naming step and tensor where loss or gradient norm is not a finite number; the weights are those before that update, but where it
 * is made in backward (optim/update.ts) only from the first gradient on that is not finite, whose own tensor may have
 * changed in part
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
	const batches = createBatches(spec, block);
	const { accumulation } = spec.batch;
	while (state.step < state.start + spec.steps) {
		const started = performance.now();
		const first = state.step * accumulation;
		const micros = Array.from({ length: accumulation }, (_, i) => ({
			...batches(first + i),
			dropoutSeed: dropoutSeed(spec.seed, first + i),
		}));
		const tokens = micros.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
		const made = await makeUpdate(ops, decoder, spec, micros, plan, trainable, state);
		const step = state.step++;
		yield { step, ...made, tokens, seconds: (performance.now() - started) / 1000 };
	}
}

async function makeUpdate(
	ops: Ops,
	decoder: Decoder,
	spec: TrainingSpec,
	micros: readonly (MicroBatch & { readonly dropoutSeed: number })[],
	plan: BackwardPlan,
	trainable: ReadonlySet<string>,
	state: TrainingState,
): Promise<Pick<StepEvent, 'loss' | 'gradientNorm' | 'learningRate'>> {
	const done = state.step - state.start;
	const scheduled = scheduleFactor(spec.schedule, done, spec.steps);
	const learningRate = spec.optimizer.learningRate * scheduled;
	const rates = { scheduled, number: done + 1, step: state.step };
	const update = beginUpdate(ops, decoder, spec, trainable, state, rates);
	try {
		const count = micros.reduce((sum, { targets }) => sum + countTargets(targets), 0);
		const scale = 1 / Math.max(1, count);
		const losses: Tensor[] = [];
		for (const { inputIds, targets, length, positions, dropoutSeed } of micros) {
			const uploaded = uploadSequences(ops, inputIds, spec.batch.size, length, positions);
			const sequences = { ...uploaded, dropoutSeed };
			const { gradients } = update;
			losses.push(...forwardBackward(ops, decoder, sequences, targets, scale, plan, gradients));
			releaseSequences(ops, sequences);
		}
		// Encoded before the losses are read, so the device never waits; it leaves all as it is if the norm is not finite.
		const norm = update.finish();
		const loss = (await sumLosses(ops, losses)) / Math.max(1, count);
		const [gradientNorm = NaN] = await ops.read(norm);
		if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
			throw await notFinite(state.step, loss, gradientNorm, update);
		return { loss, gradientNorm, learningRate };
	} finally {
		update.release();
	}
}

/** Says at which step and at which tensor numbers went wrong. */
async function notFinite(
	step: number,
	loss: number,
	gradientNorm: number,
	update: Update,
): Promise<Error> {
	const first = Number.isFinite(gradientNorm) ? null : await update.firstNotFinite();
	return namedError(
		'NotFinite',
		`Step ${step}: loss ${loss}, gradient norm ${gradientNorm}` +
			(first === null
				? '. '
				: `; backward from the head down, the first such gradient is that of ${first}. `) +
			'Lower the learning rate or the clip norm, or look for damaged rows in the data',
	);
}
