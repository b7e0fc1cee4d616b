/** How a row becomes text. */
import { namedError } from '../contract/errors.ts';
import type { Chat, InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { ChatTemplate, LaidOut } from './chatTemplate.ts';

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
 * `chat`: the model's own; an instruction row is one turn of the user, its input on a line below, and one of the assistant.
 * The response follows the prompt directly, and the end-of-sequence token follows the response; of a chat it is part of
 * the template. Throws `BadInput`, naming the row as `where`, where row and template do not go together.
 */
export function layOutRow(
	row: InstructionRow,
	{ template, loss }: Pick<DataSpec, 'template' | 'loss'>,
	chatTemplate: ChatTemplate | null,
	where: string,
): LaidOut {
	if (template === 'chat') {
		if (!chatTemplate)
			throw namedError(
				'BadInput',
				'the model has no chat template; choose one that was taught to chat, add chat_template.jinja to its folder and import it again, or choose another template for the rows',
			);
		return chatTemplate.layOut(row.chat ?? chatOf(row, where), where, loss);
	}
	if (row.chat)
		throw namedError(
			'BadInput',
			`${where} is a chat, which only the chat template of the model lays out; choose the template "chat"`,
		);
	const prompt = promptOf(row, template);
	const text = prompt + row.output;
	return { text, answers: [[prompt.length, text.length]] };
}

function promptOf(
	{ instruction, input }: InstructionRow,
	template: Exclude<DataSpec['template'], 'chat'>,
): string {
	if (template === 'plain') return '';
	if (template === 'unsloth')
		return `${withInput}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
	return input === ''
		? `${withoutInput}\n\n### Instruction:\n${instruction}\n\n### Response:`
		: `${withInput}\n\n### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:`;
}

function chatOf({ instruction, input, output }: InstructionRow, where: string): Chat {
	const asked = [instruction, input].filter((text) => text !== '').join('\n');
	if (asked === '')
		throw namedError(
			'BadInput',
			`${where} asks nothing, so that it has no turn of the user; choose the template "plain"`,
		);
	return {
		messages: [
			{ role: 'user', content: asked },
			{ role: 'assistant', content: output },
		],
	};
}
