/**
 * Heavy-tail scores of layers (AlphaLoRA; AlphaPruning, TempBalance: lib/esd_utils.py): the Hill estimate of the
 * exponent with which the squared singular values of a weight matrix fall off (PL_Alpha_Hill). The higher it is, the
 * less a layer was trained, and the earlier it is chosen.
 */
import { namedError } from '../contract/errors.ts';
import type { TailCut } from '../contract/selection.ts';
import { symmetricEigenvalues } from '../engine/eigenvalues.ts';
import { linearLayers } from '../engine/model/weights.ts';
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

/** Eigenvalues of symmetric matrices. */
export interface Spectra {
	/** Matrices worked on side by side. */
	readonly atOnce: number;
	/** In ascending order, of `matrix` [size, size], which is given away. */
	eigenvalues(matrix: Float32Array, size: number): Promise<Float64Array>;
}

/** In the calling thread; `pause` as in `symmetricEigenvalues`. */
export const spectraHere = (pause: () => Promise<unknown>): Spectra => ({
	atOnce: 1,
	eigenvalues: (matrix, size) => symmetricEigenvalues(Float64Array.from(matrix), size, pause),
});

/** Eigenvalues of WᵀW, or of WWᵀ where that is smaller; the rest of the larger one's are 0. */
export async function gramEigenvalues(
	ops: Ops,
	parameter: Parameter,
	spectra: Spectra,
): Promise<Float64Array> {
	const { values, size } = await readGram(ops, parameter);
	return spectra.eigenvalues(values, size);
}

async function readGram(ops: Ops, { name, tensor }: Parameter) {
	const [rows, columns] = tensor.shape as [number, number];
	const gram =
		rows <= columns ? ops.linear(tensor, tensor) : ops.linearBackwardWeight(tensor, tensor);
	const values = await ops.read(gram);
	ops.release(gram);
	if (!values.every(Number.isFinite))
		throw namedError(
			'NotFinite',
			`${name}: it holds values that are no finite numbers, or too large to square; load other weights`,
		);
	return { values, size: Math.min(rows, columns) };
}

const matricesOf = (block: BlockParameters): Parameter[] =>
	linearLayers(block).map(({ weight }) => weight);

/**
 * Mean exponent of the matrices of every layer's linear layers. `onDone`: matrices done; what it throws ends the work.
 * @throws NotFinite naming the matrix that holds other than finite numbers
 * @throws BadInput naming the matrix whose spectrum has no tail
 */
export async function heavyTailScores(
	ops: Ops,
	decoder: Decoder,
	cut: TailCut,
	spectra: Spectra,
	onDone: (done: number) => void,
): Promise<number[]> {
	const matrices = decoder.blocks.flatMap(matricesOf);
	const exponents = new Float64Array(matrices.length);
	const running = new Set<Promise<void>>();
	let done = 0;
	for (const [at, matrix] of matrices.entries()) {
		while (running.size >= spectra.atOnce) await Promise.race(running);
		const { values, size } = await readGram(ops, matrix);
		const work = spectra.eigenvalues(values, size).then((eigenvalues) => {
			exponents[at] = checkedExponent(matrix, eigenvalues, cut);
			onDone(++done);
		});
		running.add(work);
		// One that failed stays, for the next wait to meet it.
		work.then(
			() => running.delete(work),
			() => undefined,
		);
	}
	await Promise.all(running);
	const each = matrices.length / decoder.blocks.length;
	return decoder.blocks.map((_, layer) => {
		const own = exponents.subarray(layer * each, (layer + 1) * each);
		return own.reduce((sum, alpha) => sum + alpha, 0) / each;
	});
}

function checkedExponent({ name }: Parameter, eigenvalues: Float64Array, cut: TailCut): number {
	const alpha = tailExponent(eigenvalues, cut);
	if (Number.isFinite(alpha)) return alpha;
	throw namedError(
		'BadInput',
		`${name}: its singular values have no tail to fit (half of them are 0, or all are equal); ` +
			'choose layers by another method',
	);
}
