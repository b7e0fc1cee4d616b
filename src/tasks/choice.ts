/** Prompts with several continuations to choose from by likelihood. */
import { namedError } from '../contract/errors.ts';
import type { ChoiceItem, EvaluationTask, Prediction } from '../contract/evaluation.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import {
	encodeContinuations,
	encodeItems,
	fitPrompt,
	itemRow,
	type Measured,
	shareRight,
	toldCut,
} from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { macroF1 } from './metrics/macroF1.ts';

/**
 * Accuracy, and macro-F1 over the answers that occur. The option with the largest sum of log p is chosen
 * (`encodeContinuations`; where one begins with another, up to the end of the line), the first where several are equal. A prompt that does not fit the context with its longest option loses its beginning, and is
 * counted as shortened. Throws `BadInput` where there is no item, or where an item's answer is not among its options.
 */
export async function measureChoice(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	task: Extract<EvaluationTask, { kind: 'choice' }>,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	const encoded = await encodeItems(task, (item, where) => {
		checkItem(item, where);
		const { prompt, options } = encodeContinuations(tokenizer, item.prompt, item.options, '\n');
		const longest = Math.max(...options.map(({ length }) => length));
		const fitted = fitPrompt(tokenizer, prompt, model.contextLength - longest, where);
		return { fitted, options };
	});
	const prompts = encoded.map(({ fitted }) => fitted);
	const scores = await model.scoreContinuations(
		encoded.map(({ fitted, options }) => ({ prompt: fitted.ids, options })),
		(done) => {
			onProgress(done, prompts.length);
		},
	);
	const predictions = task.items.map(({ prompt, answer, options }, index): Prediction => {
		const own = scores[index] ?? [];
		const given = options[own.indexOf(Math.max(...own))] ?? '';
		const cut = toldCut(prompts[index]?.cut);
		return { prompt, expected: answer, given, right: given === answer, ...cut };
	});
	const gold = predictions.map(({ expected }) => expected);
	const said = predictions.map(({ given }) => given);
	return {
		rows: [
			itemRow(task, 'accuracy', shareRight(predictions), prompts),
			itemRow(task, 'macro-f1', macroF1(gold, said, [...new Set(gold)]), prompts),
		],
		predictions,
	};
}

function checkItem({ answer, options }: ChoiceItem, where: string): void {
	if (!options.includes(answer))
		throw namedError(
			'BadInput',
			`${where}: the answer "${answer}" is not among the options; add it`,
		);
	if (options.includes(''))
		throw namedError('BadInput', `${where}: an option is empty; give it a text or remove it`);
}
