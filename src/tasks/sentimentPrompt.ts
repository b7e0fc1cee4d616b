/** The few-shot sentiment prompt as token ids, shortened where the context is too small. */
import { namedError } from '../contract/errors.ts';
import type { PromptCut, SentimentExample } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { commonPrefix } from '../data/tokenRows.ts';
import { encodeContinuations } from './items.ts';
import type { ScoredPrompt } from './languageModel.ts';

export interface FittedPrompt {
	/** As the model sees it. */
	readonly text: string;
	readonly item: ScoredPrompt;
	readonly cut: PromptCut | null;
}

/** What follows a label in the examples. */
const END = '\n\n';

/** After SEACrowd and SEA-HELM (METHOD.md 6.3); the label follows with a space. */
function layOut(shots: readonly SentimentExample[], text: string): string {
	const examples = shots.map((shot) => `Text: ${shot.text}\nSentiment: ${shot.label}${END}`);
	return `${examples.join('')}Text: ${text}\nSentiment:`;
}

/**
 * Returns a function that makes the prompt for `text`, with its label options. Where prompt and longest label exceed
 * `contextLength`, the texts of the shots are cut to one common length, as long as fits; where that is not enough they
 * are left out and the text of the query is cut. It throws `BadInput` where not even that fits.
 */
export function createPromptFitter(
	tokenizer: TextTokenizer,
	labels: readonly string[],
	contextLength: number,
): (shots: readonly SentimentExample[], text: string) => FittedPrompt {
	const encode = createEncoder(tokenizer, labels);
	return (shots, text) => {
		const at = (shotLimit: number, textLimit: number): FittedPrompt => {
			const shown = shots.map((shot) => ({ ...shot, text: shorten(shot.text, shotLimit) }));
			const prompt = layOut(shown, shorten(text, textLimit));
			const examples = shotLimit < Infinity ? 'examples' : null;
			const cut = textLimit < Infinity ? 'item' : examples;
			return { text: prompt, item: encode(prompt), cut };
		};
		const fits = ({ item }: FittedPrompt) => tokensOf(item) <= contextLength;
		const whole = at(Infinity, Infinity);
		if (fits(whole)) return whole;
		const longestShot = Math.max(0, ...shots.map((shot) => Array.from(shot.text).length));
		const shotLimit = largest(longestShot, (limit) => fits(at(limit, Infinity)));
		if (shotLimit !== null) return at(shotLimit, Infinity);
		const textLimit = largest(Array.from(text).length, (limit) => fits(at(0, limit)));
		if (textLimit !== null) return at(0, textLimit);
		throw namedError(
			'BadInput',
			`Sentiment: the prompt needs ${tokensOf(at(0, 0).item)} tokens without any text, the model's context is ` +
				`${contextLength}; take a model with a longer context`,
		);
	};
}

/** The first code points of a text, no space at the end. */
function shorten(text: string, limit: number): string {
	return limit === Infinity ? text : Array.from(text).slice(0, limit).join('').trimEnd();
}

/** Largest limit in 0..most that fits, by bisection; null where 0 does not. */
function largest(most: number, fits: (limit: number) => boolean): number | null {
	if (!fits(0)) return null;
	let low = 0;
	let high = most;
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (fits(middle)) low = middle;
		else high = middle - 1;
	}
	return low;
}

/** Tokens of the prompt with its longest option. */
function tokensOf({ prompt, options }: ScoredPrompt): number {
	return prompt.length + Math.max(...options.map((option) => option.length));
}

/**
 * Encodes prompts with their labels. Every prompt ends in "\nSentiment:", so the tokens around its end and those of the
 * labels are worked out on a sample; only a prompt whose last tokens differ is tokenised again with each label.
 */
function createEncoder(
	tokenizer: TextTokenizer,
	labels: readonly string[],
): (prompt: string) => ScoredPrompt {
	const alone = tokenizer.encode(layOut([], 'a'), { special: true }).reverse();
	const other = tokenizer.encode(layOut([], '7.'), { special: true }).reverse();
	const ending = alone.slice(0, commonPrefix(alone, other)).reverse();
	const sample = encodeOptions(tokenizer, layOut([], 'a'), labels);
	const separate = ending.length > 0 && sample.prompt.length === alone.length;
	return (prompt) => {
		if (!separate) return encodeOptions(tokenizer, prompt, labels);
		const ids = tokenizer.encode(prompt, { special: true });
		const alike = ending.every((id, index) => id === ids[ids.length - ending.length + index]);
		return alike
			? { prompt: ids, options: sample.options }
			: encodeOptions(tokenizer, prompt, labels);
	};
}

/** A label follows its prompt with a space. */
function encodeOptions(
	tokenizer: TextTokenizer,
	prompt: string,
	labels: readonly string[],
): ScoredPrompt {
	const texts = labels.map((label) => ` ${label}`);
	return encodeContinuations(tokenizer, prompt, texts, END);
}
