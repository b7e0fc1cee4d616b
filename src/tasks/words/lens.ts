/** Which language each layer speaks when a word is to be translated (METHOD.md 9; Wendler et al. 2024). */
import { namedError } from '../../contract/errors.ts';
import type { WordPair, WordSet } from '../../contract/evaluation.ts';
import type { LensChart, LensCurve, LensRequest } from '../../contract/lens.ts';
import { createPause } from '../../data/pause.ts';
import type { TextTokenizer } from '../../data/tokenizer.ts';
import { fitPrompt } from '../items.ts';
import type { LanguageModel } from '../languageModel.ts';
import { meanAndSd } from '../metrics/spread.ts';
import { beginnings } from './beginnings.ts';
import { firstTokens, spellsInBytes, wordPrompts } from './words.ts';

/**
 * Per block the probability of the tokens that may begin the word in the target language, in English and in the source
 * language, and the entropy; over the words for which the first can be told from the second. Prompts are those of
 * `measureWords`. Throws `BadInput` where there is no such word.
 */
export async function measureLens(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: WordSet,
	{ seed, shots }: Pick<LensRequest, 'seed' | 'shots'>,
	onProgress: (done: number, total: number) => void,
): Promise<Omit<LensChart, 'weights'>> {
	const title = `lens, ${set.subject}`;
	const inEnglish = set.pairs.some(({ english }) => english !== null) ? ['en'] : [];
	const codes = [...new Set([set.targetCode, ...inEnglish, set.sourceCode])];
	const prompts = wordPrompts(set, seed, shots);
	const pause = createPause();
	let shortened = 0;
	const items: Parameters<LanguageModel['lensViews']>[0][number][] = [];
	for (const [index, pair] of set.pairs.entries()) {
		const target = firstTokens(tokenizer, set, pair);
		if (target === null) continue;
		const ids = tokenizer.encode(prompts[index]?.prompt ?? '', { special: true });
		const { ids: kept, cut } = fitPrompt(
			tokenizer,
			ids,
			model.contextLength,
			`${title}, word ${index + 1}`,
		);
		const sets = codes.map((code) =>
			code === set.targetCode ? target : beginningsIn(tokenizer, code, pair),
		);
		if (cut) shortened += 1;
		items.push({ ids: kept, sets });
		await pause();
	}
	if (items.length === 0)
		throw namedError(
			'BadInput',
			`${title}: of no word do the first tokens tell its language from English; take other words`,
		);
	const views = await model.lensViews(items, (done) => {
		onProgress(done, items.length);
	});
	return {
		subject: set.subject,
		count: items.length,
		...(shortened > 0 ? { shortened } : {}),
		languages: codes.map((code, at) => ({
			code,
			...curve(views.map((item) => item.map(({ probabilities }) => probabilities[at] ?? NaN))),
		})),
		entropy: curve(views.map((item) => item.map(({ entropy }) => entropy))),
	};
}

/** Of a word in English or in the source language. */
const beginningsIn = (tokenizer: TextTokenizer, code: string, { english, source }: WordPair) =>
	code === 'en'
		? beginnings(tokenizer, english === null ? [] : [english], false)
		: beginnings(tokenizer, source, spellsInBytes(code));

/** `values[prompt][block]`. */
function curve(values: readonly (readonly number[])[]): LensCurve {
	const blocks = (values[0] ?? []).map((_, block) =>
		meanAndSd(values.map((item) => item[block] ?? NaN)),
	);
	return { mean: blocks.map(({ mean }) => mean), sd: blocks.map(({ sd }) => sd ?? 0) };
}
