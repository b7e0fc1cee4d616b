/** How an instruction row becomes text. */
import type { InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';

/** The response follows the prompt directly, the end-of-sequence token follows the response. */
export interface RenderedRow {
	readonly prompt: string;
	readonly response: string;
}

const withInput =
	'Below is an instruction that describes a task, paired with an input that provides further context. ' +
	'Write a response that appropriately completes the request.';
const withoutInput =
	'Below is an instruction that describes a task. ' +
	'Write a response that appropriately completes the request.';

/**
 * `unsloth`: one template, an empty input left blank (Alpaca notebook of unslothai/notebooks).
 * `stanford`: two templates, the response right after the colon (tatsu-lab/stanford_alpaca, train.py).
 * `plain`: the output as it is, no prompt; instruction and input are left out.
 */
export function renderRow(row: InstructionRow, template: DataSpec['template']): RenderedRow {
	const { instruction, input, output } = row;
	if (template === 'plain') return { prompt: '', response: output };
	if (template === 'unsloth') {
		const prompt = `${withInput}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
		return { prompt, response: output };
	}
	const prompt =
		input === ''
			? `${withoutInput}\n\n### Instruction:\n${instruction}\n\n### Response:`
			: `${withInput}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:`;
	return { prompt, response: output };
}
