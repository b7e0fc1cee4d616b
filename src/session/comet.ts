/** The loaded COMET estimator: texts in, scores out. It stays beside the model that is trained. */
import { cometAdvice, type CometItem, type CometSummary } from '../contract/comet.ts';
import { namedError } from '../contract/errors.ts';
import type { ByteSource } from '../contract/model.ts';
import type { Progress } from '../contract/progress.ts';
import { createTokenizer, type FileTokenizer, fitTokenizer } from '../data/tokenizer.ts';
import { embedTexts } from '../engine/comet/embedTexts.ts';
import { estimate } from '../engine/comet/estimator.ts';
import { type Comet, cometShapes, loadComet } from '../engine/comet/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { openCometFolder } from '../weights/comet.ts';

export interface LoadedComet {
	readonly comet: Comet;
	readonly summary: CometSummary;
	/**
	 * A score for each item. Embeddings of sources and references are kept: other translations of them cost their own
	 * embedding only. `onDone(texts, of)` is told after each batch and may throw to stop.
	 * Throws `BadInput` where the folder has no tokenizer.
	 */
	score(
		items: readonly CometItem[],
		onDone: (done: number, total: number) => void,
	): Promise<number[]>;
}

/** Items whose embeddings are on the way at once; 24 MB of XLM-R large. */
const itemsAtOnce = 2000;
/** Texts whose embeddings are kept; 128 MB of XLM-R large. */
const mostKept = 32768;

/** Reads an estimator onto the device. Throws `BadInput` naming what is missing or wrong, and what `check` throws. */
export async function openComet(
	ops: Ops,
	files: readonly ByteSource[],
	onProgress: (progress: Progress) => void,
	check: () => void,
): Promise<LoadedComet> {
	const folder = await openCometFolder(files, 'COMET');
	const { config, options, tensors } = folder;
	const tokenizer = openTokenizer(
		folder.tokenizerJson,
		folder.tokenizerConfig,
		config.vocabularySize,
	);
	const total = cometShapes(config, tensors).length;
	let done = 0;
	const comet = await loadComet(ops, config, options, tensors, (name) => {
		check();
		onProgress({ done: done++, total, label: `Loading ${name}` });
	});
	onProgress({ done: total, total, label: 'Loaded' });
	const { layerWeights } = comet;
	return {
		comet,
		summary: { weights: folder.weights, encoder: config, options, layerWeights },
		score: createScorer(ops, comet, tokenizer),
	};
}

function openTokenizer(json: unknown, config: unknown, vocabularySize: number) {
	if (json === null) return null;
	const tokenizer = fitTokenizer(createTokenizer(json, config), vocabularySize);
	if (tokenizer.encodeEnclosed('').length === 2) return tokenizer;
	const problem = 'puts no <s> and </s> around a text; take that of xlm-roberta-large';
	throw namedError('BadInput', `tokenizer.json ${problem}`);
}

/** Token ids as the encoder of COMET cuts them: the end-of-sequence token is kept. */
function tokenise(tokenizer: FileTokenizer, text: string, longest: number): number[] {
	const ids = tokenizer.encodeEnclosed(text);
	return ids.length <= longest ? ids : [...ids.slice(0, longest - 1), ...ids.slice(-1)];
}

function createScorer(
	ops: Ops,
	comet: Comet,
	tokenizer: FileTokenizer | null,
): LoadedComet['score'] {
	const kept = new Map<string, Float32Array>();
	const longest = comet.config.positions - 4;
	return async (items, onDone) => {
		if (tokenizer === null)
			throw namedError('BadInput', `The folder of COMET has no tokenizer.json. ${cometAdvice}`);
		const scores: number[] = [];
		for (let from = 0; from < items.length; from += itemsAtOnce) {
			const some = items.slice(from, from + itemsAtOnce);
			if (kept.size > mostKept) kept.clear();
			const lasting = some.flatMap(({ source, reference }) => [source, reference]);
			const passing = some.map(({ translation }) => translation);
			const texts = [...new Set([...lasting, ...passing])].filter((text) => !kept.has(text));
			const ids = texts.map((text) => tokenise(tokenizer, text, longest));
			const report = (done: number) => {
				onDone(from + (some.length * done) / Math.max(1, texts.length), items.length);
			};
			const vectors = await embedTexts(ops, comet, ids, report);
			const fresh = new Map(texts.map((text, index) => [text, vectors[index]]));
			for (const text of lasting) {
				const vector = fresh.get(text);
				if (vector) kept.set(text, vector);
			}
			const embedding = (text: string) => kept.get(text) ?? fresh.get(text) ?? new Float32Array();
			const embedded = some.map(({ source, translation, reference }) => ({
				source: embedding(source),
				translation: embedding(translation),
				reference: embedding(reference),
			}));
			scores.push(...(await estimate(ops, comet, embedded)));
		}
		onDone(items.length, items.length);
		return scores;
	};
}
