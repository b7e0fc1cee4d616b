/** Compares a loaded decoder with a reference file: loss, states, logits, gradients, trajectories, greedy text. */
import { namedError } from '../contract/errors.ts';
import type { TokenBlock } from '../contract/training.ts';
import type { Reference, VerificationReport, VerificationRow } from '../contract/verification.ts';
import { generate } from './generate.ts';
import { createGradients } from './gradients.ts';
import { logitsOf, normSettings } from './model/head.ts';
import { normForward } from './model/norm.ts';
import { forwardBackward, hiddenStates } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import { type Decoder, embeddingName, headName } from './model/weights.ts';
import type { Ops, Tensor } from './ops.ts';
import { backwardPlan, trainableNames } from './plan/plan.ts';
import { countTargets } from './batches.ts';
import { sumLosses } from './train.ts';
import { type Region, trajectory } from './trajectory.ts';

/** Largest accepted relative error: forward numbers, gradients, loss trajectories. */
export interface Tolerances {
	readonly forward: number;
	readonly gradients: number;
	readonly trajectories: number;
}

export const tolerances = {
	reference: { forward: 1e-5, gradients: 1e-4, trajectories: 1e-4 },
	wasm: { forward: 1e-5, gradients: 1e-4, trajectories: 1e-4 },
	webgpu: { forward: 1e-4, gradients: 1e-3, trajectories: 1e-3 },
} as const satisfies Record<Ops['info']['backend'], Tolerances>;

/** Largest |ours - reference| over the largest |reference|; Infinity where lengths differ or a value is not a number. */
export function relativeError(ours: ArrayLike<number>, reference: ArrayLike<number>): number {
	if (ours.length !== reference.length) return Infinity;
	let scale = 0;
	let worst = 0;
	for (let i = 0; i < reference.length; i++) {
		scale = Math.max(scale, Math.abs(reference[i]!));
		const difference = Math.abs(ours[i]! - reference[i]!);
		worst = difference <= worst ? worst : Number.isNaN(difference) ? Infinity : difference;
	}
	return worst === 0 ? 0 : worst / scale;
}

/** PyTorch's ignore_index. */
const ignored = -100;

/** Throws `BadInput` for the first id that no row of the embedding has. */
export function checkTokens(key: string, ids: readonly number[], vocabularySize: number): void {
	const outside = ids.find((id) => !(id >= 0 && id < vocabularySize));
	if (outside === undefined) return;
	throw namedError(
		'BadInput',
		`The reference file: "${key}" has token ${outside}, the model's vocabulary ${vocabularySize} tokens; take the reference of this model`,
	);
}

/** Square root of the sum of squares. */
export const euclidean = (values: ArrayLike<number>) => {
	let squares = 0;
	for (let i = 0; i < values.length; i++) squares += values[i]! ** 2;
	return Math.sqrt(squares);
};

/**
 * Hugging Face labels -> targets: what follows position t is label t+1; nothing follows the last. Throws `BadInput` where
 * an id, or a label that is not ignored, is no token of the model.
 */
export function referenceBlock(
	reference: Pick<Reference, 'input_ids' | 'labels'>,
	vocabularySize: number,
): TokenBlock {
	const sequenceLength = reference.input_ids[0]?.length ?? 0;
	checkTokens('input_ids', reference.input_ids.flat(), vocabularySize);
	const labels = reference.labels.flat().filter((id) => id !== ignored);
	checkTokens('labels', labels, vocabularySize);
	const targets = reference.labels.flatMap((row) => [...row.slice(1), ignored]);
	return {
		count: reference.input_ids.length,
		sequenceLength,
		inputIds: Int32Array.from(reference.input_ids.flat()),
		targets: Int32Array.from(targets),
	};
}

/** Runs every comparison. `onProgress(done, total, label)`. The decoder's weights are restored afterwards. */
export async function verify(
	ops: Ops,
	decoder: Decoder,
	reference: Reference,
	onProgress: (done: number, total: number, label: string) => void = () => undefined,
): Promise<VerificationReport> {
	const tolerance = tolerances[ops.info.backend];
	const rows: VerificationRow[] = [];
	const report = (quantity: string, error: number, limit: number) =>
		rows.push({ quantity, error, tolerance: limit, passed: error <= limit });
	const block = referenceBlock(reference, decoder.config.vocabularySize);
	checkTokens('greedy.prompt', reference.greedy.prompt, decoder.config.vocabularySize);
	const { adamw } = reference;
	const sets = Object.entries(adamw.losses_before_each_step);
	const total = 3 + sets.length;

	onProgress(0, total, 'forward');
	await compareForward(ops, decoder, reference, block, (quantity, error) =>
		report(quantity, error, tolerance.forward),
	);
	onProgress(1, total, 'gradients');
	const loss = await compareGradients(ops, decoder, reference, block, (quantity, error) =>
		report(quantity, error, tolerance.gradients),
	);
	report('loss', Math.abs(loss - reference.loss) / reference.loss, tolerance.forward);
	onProgress(2, total, 'greedy generation');
	const output = await greedy(ops, decoder, reference);
	const equal = JSON.stringify(output) === JSON.stringify(reference.greedy.output);
	report('greedy output', equal ? 0 : Infinity, 0);
	for (const [i, [name, losses]] of sets.entries()) {
		onProgress(3 + i, total, `AdamW ${name}`);
		const region = regionOf(decoder, name);
		const optimizer = { ...adamw, clip: adamw.clip_global_norm };
		const ours = await trajectory(ops, decoder, block, region, optimizer, losses.length);
		report(`AdamW trajectory ${name}`, relativeError(ours, losses), tolerance.trajectories);
	}
	onProgress(total, total, 'done');
	return { rows, passed: rows.every(({ passed }) => passed) };
}

type Report = (quantity: string, error: number) => void;

async function compareForward(
	ops: Ops,
	decoder: Decoder,
	reference: Reference,
	block: TokenBlock,
	report: Report,
): Promise<void> {
	const length = block.sequenceLength;
	const row0 = uploadSequences(ops, block.inputIds.slice(0, length), 1, length);
	const norms: number[] = [];
	const x = await hiddenStates(ops, decoder, row0, async (state) => {
		norms.push(euclidean(await ops.read(state)));
	});
	const { y, inverseRms } = normForward(ops, x, decoder.finalNorm, normSettings(decoder));
	norms.push(euclidean(await ops.read(y)));
	const logits = logitsOf(ops, decoder, x);
	report('hidden state norms', relativeError(norms, reference.hidden_norms_row0));
	report('logits', relativeError(await ops.read(logits), reference.logits_row0));
	ops.release(x, y, inverseRms, logits);
	releaseSequences(ops, row0);
}

/** Gradients of every parameter at once, with and without recompute; returns the loss. */
async function compareGradients(
	ops: Ops,
	decoder: Decoder,
	reference: Reference,
	block: TokenBlock,
	report: Report,
): Promise<number> {
	const targets = countTargets(block.targets);
	const sequences = uploadSequences(ops, block.inputIds, block.count, block.sequenceLength);
	const trainable = new Set(decoder.parameters.keys());
	let loss = NaN;
	for (const recompute of [false, true]) {
		const gradients = createGradients(ops, trainable);
		const plan = { firstBlock: 0, trainsEmbedding: true, recompute };
		const losses = forwardBackward(
			ops,
			decoder,
			sequences,
			block.targets,
			1 / targets,
			plan,
			gradients,
		);
		loss = (await sumLosses(ops, losses)) / targets;
		const suffix = recompute ? ' (recomputed)' : '';
		await compareEach(ops, gradients.tensors, reference, suffix, report);
		gradients.clear();
	}
	releaseSequences(ops, sequences);
	return loss;
}

async function compareEach(
	ops: Ops,
	gradients: ReadonlyMap<string, Tensor>,
	reference: Reference,
	suffix: string,
	report: Report,
): Promise<void> {
	const read = async (name: string) => {
		const tensor = gradients.get(name);
		return tensor === undefined ? new Float32Array() : ops.read(tensor);
	};
	let worstNorm = 0;
	for (const [name, norm] of Object.entries(reference.grad_norms))
		worstNorm = Math.max(worstNorm, Math.abs(euclidean(await read(name)) - norm) / norm);
	report(`gradient norms${suffix}`, worstNorm);
	let worst = 0;
	for (const [name, values] of Object.entries(reference.grads))
		worst = Math.max(worst, relativeError(await read(name), values));
	report(`gradients${suffix}`, worst);
	if (reference.embed_grad_norm_per_row === undefined) return;
	const values = await read(embeddingName);
	const expected = reference.embed_grad_norm_per_row;
	const width = values.length / expected.length;
	const ours = expected.map((_, row) => euclidean(values.subarray(row * width, (row + 1) * width)));
	report(`embedding gradient rows${suffix}`, relativeError(ours, expected));
}

async function greedy(ops: Ops, decoder: Decoder, reference: Reference): Promise<number[]> {
	const { prompt, output } = reference.greedy;
	const ids = [...prompt];
	const options = {
		maximumTokens: output.length - prompt.length,
		temperature: 0,
		topP: 1,
		seed: 0,
		stopIds: [],
	};
	for await (const id of generate(ops, decoder, prompt, options)) ids.push(id);
	return ids;
}

/**
 * `full`, or `front_k2`, `rear_k2`, `cogsym_k2` as in the reference file's names. torch lists a tied matrix as
 * the embedding only, so the rear set of a tied model leaves it frozen.
 */
function layerSetOf(name: string, layers: number, tied: boolean) {
	const all = Array.from({ length: layers }, (_, i) => i);
	const match = /^(front|rear|cogsym)_k(\d+)$/.exec(name);
	if (match === null) return { layers: all, embedding: true, head: true, finalNorm: true };
	const k = Number(match[2]);
	const front = match[1] === 'front' ? k : match[1] === 'rear' ? 0 : Math.ceil(k / 2);
	const rear = k - front;
	return {
		layers: [...all.slice(0, front), ...all.slice(layers - rear)],
		embedding: match[1] !== 'rear',
		head: match[1] !== 'front' && !tied,
		finalNorm: false,
	};
}

/** What a set of the reference file trains, by its name. */
function regionOf(decoder: Decoder, name: string): Region {
	const { layers } = decoder.config;
	const tied = !decoder.parameters.has(headName);
	const set = layerSetOf(name, layers, tied);
	const shapes = [...decoder.parameters.values()].map(({ name: id, tensor }) => ({
		name: id,
		shape: tensor.shape,
	}));
	const trainable = trainableNames(set, shapes);
	return { trainable, plan: backwardPlan(trainable, layers, tied, false, set) };
}
