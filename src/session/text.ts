/** Text in, text out: a prompt continued by the loaded model. */
import { namedError } from '../contract/errors.ts';
import type { GenerateRequest } from '../contract/trainerApi.ts';
import { generate } from '../engine/generate.ts';
import type { Ops } from '../engine/ops.ts';
import type { LoadedModel } from './model.ts';

/** Tokens of a live sample. */
const SAMPLE_TOKENS = 48;

export type TextRequest = Omit<GenerateRequest, 'weights'>;

/** A short greedy continuation, the same at every step. */
export const sampleRequest = (prompt: string): TextRequest => ({
	prompt,
	maximumTokens: SAMPLE_TOKENS,
	temperature: 0,
	topP: 1,
	seed: 0,
});

/**
 * The continuation of a prompt, without the prompt; `onText` sees it grow, `check` may throw to end it.
 * @throws BadInput where the prompt fills the context
 */
export async function continueText(
	ops: Ops,
	model: LoadedModel,
	request: TextRequest,
	check: () => void,
	onText: (text: string) => void = () => undefined,
): Promise<string> {
	const { decoder } = model;
	const tokenizer = model.needTokenizer();
	const prompt = tokenizer.encode(request.prompt, { special: true });
	const { contextLength } = decoder.config;
	if (prompt.length >= contextLength)
		throw namedError(
			'BadInput',
			`The prompt has ${prompt.length} tokens, the model's context ${contextLength}; shorten it`,
		);
	const { maximumTokens, temperature, topP, seed } = request;
	const stopIds = decoder.config.eosTokenIds;
	const options = { maximumTokens, temperature, topP, seed, stopIds };
	const ids: number[] = [];
	let text = '';
	const before = tokenizer.decode(prompt);
	for await (const id of generate(ops, decoder, prompt, options)) {
		check();
		ids.push(id);
		// Decoded with the prompt: a token's text may depend on what stands before it.
		text = tokenizer.decode([...prompt, ...ids]).slice(before.length);
		onText(text);
	}
	return text;
}
