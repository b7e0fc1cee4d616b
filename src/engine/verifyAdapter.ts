/** Compares a decoder that has adapters with a reference file made with PEFT: logits, loss, gradients, trajectory. */
import type { TokenBlock } from '../contract/training.ts';
import type {
	AdapterReference,
	VerificationReport,
	VerificationRow,
} from '../contract/verification.ts';
import { mergeAdapters, withoutAdapters } from './adapters/attach.ts';
import { fromPeftName } from './adapters/lora.ts';
import { createGradients } from './gradients.ts';
import { logitsOf } from './model/head.ts';
import { forwardBackward, hiddenStates } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import { type Decoder, embeddingName, headName } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { backwardPlan } from './plan/plan.ts';
import { countTargets } from './batches.ts';
import { sumLosses } from './train.ts';
import { type Region, trajectory } from './trajectory.ts';
import { euclidean, referenceBlock, relativeError, tolerances } from './verify.ts';

/** Runs every comparison. `onProgress(done, total, label)`. The decoder's weights are restored afterwards. */
export async function verifyAdapter(
	ops: Ops,
	decoder: Decoder,
	reference: AdapterReference,
	onProgress: (done: number, total: number, label: string) => void = () => undefined,
): Promise<VerificationReport> {
	const tolerance = tolerances[ops.info.backend];
	const rows: VerificationRow[] = [];
	const report = (quantity: string, error: number, limit: number) =>
		rows.push({ quantity, error, tolerance: limit, passed: error <= limit });
	const block = referenceBlock(reference, decoder.config.vocabularySize);
	const region = regionOf(decoder, reference);

	onProgress(0, 4, 'forward');
	const ours = await logits(ops, decoder, block);
	report('logits', relativeError(ours, reference.logits_row0), tolerance.forward);
	onProgress(1, 4, 'merged weights');
	const merged = await mergedLogits(ops, decoder, block);
	report(
		'logits, adapters merged',
		relativeError(merged, reference.logits_row0),
		tolerance.forward,
	);
	onProgress(2, 4, 'gradients');
	const { loss, worstNorm } = await gradients(ops, decoder, reference, block, region);
	report('loss', Math.abs(loss - reference.loss) / reference.loss, tolerance.forward);
	report('gradient norms', worstNorm, tolerance.gradients);
	onProgress(3, 4, 'AdamW');
	const expected = reference.adamw.losses_before_each_step;
	const losses = await trajectory(ops, decoder, block, region, reference.adamw, expected.length);
	report('AdamW trajectory', relativeError(losses, expected), tolerance.trajectories);
	onProgress(4, 4, 'done');
	return { rows, passed: rows.every(({ passed }) => passed) };
}

/** What the reference has gradients of. */
function regionOf(decoder: Decoder, reference: AdapterReference): Region {
	const trainable = new Set(Object.keys(reference.grad_norms).map(fromPeftName));
	const set = { layers: [], embedding: trainable.has(embeddingName), head: true, finalNorm: false };
	const tied = !decoder.parameters.has(headName);
	return { trainable, plan: backwardPlan(trainable, decoder.config.layers, tied, false, set) };
}

/** Of the block's first sequence. */
async function logits(ops: Ops, decoder: Decoder, block: TokenBlock): Promise<Float32Array> {
	const { sequenceLength: length, inputIds } = block;
	const row0 = uploadSequences(ops, inputIds.slice(0, length), 1, length);
	const x = await hiddenStates(ops, decoder, row0);
	const out = logitsOf(ops, decoder, x);
	const values = await ops.read(out);
	ops.release(x, out);
	releaseSequences(ops, row0);
	return values;
}

/** Logits of the base once the adapters are added to its weights, which are put back. */
async function mergedLogits(ops: Ops, decoder: Decoder, block: TokenBlock): Promise<Float32Array> {
	const saved: { name: string; values: Float32Array }[] = [];
	for (const [name, { tensor }] of decoder.parameters)
		if (name.endsWith('_proj.weight')) saved.push({ name, values: await ops.read(tensor) });
	mergeAdapters(ops, decoder);
	const merged = await logits(ops, withoutAdapters(decoder), block);
	for (const { name, values } of saved) ops.write(decoder.parameters.get(name)!.tensor, values);
	return merged;
}

/** Loss, and the largest relative error of a gradient's norm; Infinity where a gradient is missing or too many. */
async function gradients(
	ops: Ops,
	decoder: Decoder,
	reference: AdapterReference,
	block: TokenBlock,
	{ trainable, plan }: Region,
): Promise<{ loss: number; worstNorm: number }> {
	const targets = countTargets(block.targets);
	const sequences = uploadSequences(ops, block.inputIds, block.count, block.sequenceLength);
	const made = createGradients(ops, trainable);
	const losses = forwardBackward(ops, decoder, sequences, block.targets, 1 / targets, plan, made);
	const loss = (await sumLosses(ops, losses)) / targets;
	let worstNorm = made.tensors.size === trainable.size ? 0 : Infinity;
	for (const [name, norm] of Object.entries(reference.grad_norms)) {
		const tensor = made.tensors.get(fromPeftName(name));
		const ours = tensor === undefined ? NaN : euclidean(await ops.read(tensor));
		const error = Math.abs(ours - norm) / norm;
		worstNorm = error <= worstNorm ? worstNorm : Number.isNaN(error) ? Infinity : error;
	}
	made.clear();
	releaseSequences(ops, sequences);
	return { loss, worstNorm };
}
