/**
 * Heavy-tail scores of layers (AlphaLoRA; AlphaPruning, TempBalance: lib/esd_utils.py): the Hill estimate of the
 * exponent with which the squared singular values of a weight matrix fall off (PL_Alpha_Hill). The higher it is, the
 * less a layer was trained, and the earlier it is chosen.
 */
import { namedError } from '../contract/errors.ts';
import type { TailCut } from '../contract/selection.ts';
import { symmetricEigenvalues } from '../engine/eigenvalues.ts';
import type { BlockParameters, Decoder, Parameter } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';

/** Bins of the histogram that `peak` looks for its tail in. */
const bins = 100;

/** What the Gram matrix cannot tell from 0: float32's precision, beside the largest eigenvalue. */
const resolution = 2 ** -23;

interface Hill {
	readonly alpha: number;
	/** Where the tail begins. */
	readonly from: number;
}

/** alpha = 1 + n / (sum of ln lambda_j - n ln lambda_from) over j >= from; eigenvalues ascending, positive there. */
function hill(logarithms: Float64Array, from: number): number {
	let sum = 0;
	for (let j = from; j < logarithms.length; j++) sum += logarithms[j]! - logarithms[from]!;
	return 1 + (logarithms.length - from) / sum;
}

/** Largest distance between the power law and the distribution of the tail (Kolmogorov-Smirnov). */
function distance(eigenvalues: Float64Array, { alpha, from }: Hill): number {
	const count = eigenvalues.length - from;
	let largest = 0;
	for (let j = from; j < eigenvalues.length; j++) {
		const above = (eigenvalues[j]! / eigenvalues[from]!) ** (1 - alpha);
		largest = Math.max(largest, Math.abs(1 - above - (j - from) / count));
	}
	return largest;
}

/** Left edge of the fullest of 100 bins of log10 lambda, the first of several. */
function peakEdge(eigenvalues: Float64Array): number {
	const low = Math.log10(eigenvalues[0]!);
	const width = (Math.log10(eigenvalues.at(-1)!) - low) / bins;
	const counts = new Uint32Array(bins);
	for (const value of eigenvalues) {
		const bin = width > 0 ? Math.floor((Math.log10(value) - low) / width) : 0;
		counts[Math.min(bins - 1, bin)]!++;
	}
	return 10 ** (low + width * counts.indexOf(Math.max(...counts)));
}

/** The tail, begun near the histogram's peak, that is most like a power law (`xmin_peak`, "fix-finger"). */
function peakAlpha(eigenvalues: Float64Array): number {
	const logarithms = eigenvalues.map(Math.log);
	const edge = peakEdge(eigenvalues);
	// As in the source: a logarithm compared with eigenvalues. Mostly it is negative and bounds nothing.
	const least = Math.log10(0.95 * edge);
	let best = { alpha: NaN, distance: Infinity };
	for (let from = 0; from < eigenvalues.length - 1; from++) {
		if (eigenvalues[from]! < least) continue;
		if (eigenvalues[from]! > 1.5 * edge) break;
		const alpha = hill(logarithms, from);
		const apart = alpha > 1 ? distance(eigenvalues, { alpha, from }) : Infinity;
		if (apart < best.distance) best = { alpha, distance: apart };
	}
	return best.alpha;
}

/**
 * Exponent of a spectrum in ascending order. `median`: of the upper half (`xmin_mid`); `peak`: `xmin_peak`, over the
 * eigenvalues that are not 0. Not a number where the spectrum has no tail: it is flat, or more than half of it is 0.
 */
export function tailExponent(eigenvalues: Float64Array, cut: TailCut): number {
	const least = resolution * eigenvalues.at(-1)!;
	if (cut === 'peak') return peakAlpha(eigenvalues.filter((value) => value > least));
	const from = Math.floor(eigenvalues.length / 2);
	if (!(eigenvalues[from]! > least)) return NaN;
	return hill(eigenvalues.map(Math.log), from);
}

/** Eigenvalues of WᵀW, or of WWᵀ where that is smaller; the rest of the larger one's are 0. */
export async function gramEigenvalues(
	ops: Ops,
	{ name, tensor }: Parameter,
	pause: () => Promise<unknown>,
): Promise<Float64Array> {
	const [rows, columns] = tensor.shape as [number, number];
	const gram =
		rows <= columns ? ops.linear(tensor, tensor) : ops.linearBackwardWeight(tensor, tensor);
	const values = Float64Array.from(await ops.read(gram));
	ops.release(gram);
	if (!values.every(Number.isFinite))
		throw namedError(
			'NotFinite',
			`${name}: it holds values that are no finite numbers, or too large to square; load other weights`,
		);
	return symmetricEigenvalues(values, Math.min(rows, columns), pause);
}

const matrices = (block: BlockParameters): Parameter[] =>
	[block.query, block.key, block.value, block.output, block.gate, block.up, block.down].map(
		({ weight }) => weight,
	);

/**
 * Mean exponent of every layer's seven matrices. `onDone`: matrices done, of 7 per layer.
 * @throws NotFinite naming the matrix that holds other than finite numbers
 * @throws BadInput naming the matrix whose spectrum has no tail
 */
export async function heavyTailScores(
	ops: Ops,
	decoder: Decoder,
	cut: TailCut,
	pause: () => Promise<unknown>,
	onDone: (done: number) => void,
): Promise<number[]> {
	const scores: number[] = [];
	let done = 0;
	for (const block of decoder.blocks) {
		let sum = 0;
		for (const matrix of matrices(block)) {
			const alpha = tailExponent(await gramEigenvalues(ops, matrix, pause), cut);
			if (!Number.isFinite(alpha))
				throw namedError(
					'BadInput',
					`${matrix.name}: its singular values have no tail to fit (half of them are 0, or all are equal); ` +
						'choose layers by another method',
				);
			sum += alpha;
			onDone(++done);
		}
		scores.push(sum / matrices(block).length);
	}
	return scores;
}
