/** Compares a loaded COMET estimator with a reference file: weights of the layers, embeddings, scores. */
import type { CometReference } from '../../contract/comet.ts';
import { namedError } from '../../contract/errors.ts';
import type { VerificationReport, VerificationRow } from '../../contract/verification.ts';
import type { Ops } from '../ops.ts';
import { checkTokens, relativeError } from '../verify.ts';
import { embedTexts } from './embedTexts.ts';
import { estimate } from './estimator.ts';
import type { Comet } from './weights.ts';

/** Of every quantity, on every backend. */
const tolerance = 1e-5;

/** Runs every comparison; scores are compared as they are, the rest relative to its largest number. */
export async function verifyComet(
	ops: Ops,
	comet: Comet,
	reference: CometReference,
	onProgress: (done: number, total: number, label: string) => void = () => undefined,
): Promise<VerificationReport> {
	const rows: VerificationRow[] = [];
	const report = (quantity: string, error: number) =>
		rows.push({ quantity, error, tolerance, passed: error <= tolerance });
	checkTexts(comet, reference);
	const { padTokenId } = comet.config;
	const parts = [reference.src, reference.mt, reference.ref].map((texts) =>
		texts.map((ids) => ids.filter((id) => id !== padTokenId)),
	);
	const texts = parts.flat();
	report('layer weights', relativeError(comet.layerWeights, reference.layer_weights));
	const vectors = await embedTexts(ops, comet, texts, (done) => {
		onProgress(done, texts.length, 'texts');
	});
	const count = reference.mt.length;
	const embedded = reference.mt.map((_, i) => ({
		source: vectors[i]!,
		translation: vectors[count + i]!,
		reference: vectors[2 * count + i]!,
	}));
	const pooled = embedded.flatMap(({ translation }) => [...translation]);
	report('embeddings', relativeError(pooled, reference.pooled_mt));
	const scores = await estimate(ops, comet, embedded);
	report('scores', largestDifference(scores, reference.scores));
	return { rows, passed: rows.every(({ passed }) => passed) };
}

/** Throws `BadInput` for a token that is not in the vocabulary, and for a text that is empty or too long. */
function checkTexts({ config }: Comet, reference: CometReference): void {
	const { padTokenId, vocabularySize, positions } = config;
	// Positions are counted from behind the padding's (transformers, `create_position_ids_from_input_ids`).
	const longest = positions - padTokenId - 1;
	for (const key of ['src', 'mt', 'ref'] as const) {
		checkTokens(key, reference[key].flat(), vocabularySize);
		const lengths = reference[key].map((ids) => ids.filter((id) => id !== padTokenId).length);
		const wrong = lengths.findIndex((length) => length === 0 || length > longest);
		if (wrong >= 0)
			throw namedError(
				'BadInput',
				`The reference file: row ${wrong + 1} of "${key}" has ${lengths[wrong]} tokens; this encoder takes 1 to ${longest}`,
			);
	}
}

/** Infinity where lengths differ or a value is not a number. */
function largestDifference(ours: readonly number[], theirs: readonly number[]): number {
	if (ours.length !== theirs.length) return Infinity;
	const largest = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
	return Number.isNaN(largest) ? Infinity : largest;
}
