/** Loss per token of texts of one language. */
import { namedError } from '../contract/errors.ts';
import type { MetricRow, TextSet } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { writesBegin } from '../data/tokenRows.ts';
import type { LanguageModel } from './languageModel.ts';

/**
 * Sum of -log p over all tokens after each text's first, divided by their number. Texts are scored one by one, with
 * the begin-of-sequence token the tokenizer puts in front and no end token. A text longer than the context is cut, and
 * counted as shortened. Throws `BadInput` where there is no token to predict.
 */
export async function measureTextLoss(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: TextSet,
	onProgress: (done: number, total: number) => void,
): Promise<Omit<MetricRow, 'weights'>> {
	const encoded = set.texts.map((text) => tokenizer.encode(text, { special: true }));
	const sequences = encoded
		.map((ids) => ids.slice(0, model.contextLength))
		.filter((ids) => ids.length > 1);
	if (sequences.length === 0) {
		throw namedError('BadInput', `Loss, ${set.language}: there is no text to predict; add some`);
	}
	const losses = await model.sequenceLosses(sequences, (done) => {
		onProgress(done, sequences.length);
	});
	const tokens = losses.reduce((sum, item) => sum + item.tokens, 0);
	return {
		task: 'loss',
		subject: set.language,
		metric: 'loss-per-token',
		mean: losses.reduce((sum, item) => sum + item.loss, 0) / tokens,
		sd: null,
		runs: 1,
		count: tokens,
		shortened: encoded.filter((ids) => ids.length > model.contextLength).length,
		...notesOf(tokenizer, set),
	};
}

function notesOf(tokenizer: TextTokenizer, { language, texts }: TextSet): { notes?: string[] } {
	const begin = texts.filter((text) => writesBegin(tokenizer, text)).length;
	if (begin === 0) return {};
	const those = `${begin} of ${texts.length} texts begin with the begin token`;
	return { notes: [`Loss, ${language}: ${those}; they have it once`] };
}
