import { describe, expect, test } from 'vitest';
import { namedError } from '../contract/errors.ts';
import type { Chat, InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import { layOutRow } from './templates.ts';

/** Prompt and response of a row without a chat template. */
function renderRow(row: InstructionRow, template: DataSpec['template']) {
	const { text, answers } = layOutRow(row, { template, loss: 'response' }, null, 'row 1');
	expect(answers).toHaveLength(1);
	const [begin, end] = answers[0]!;
	return { prompt: text.slice(0, begin), response: text.slice(begin, end) };
}

const row = { instruction: 'Add.', input: '1 2', output: '3' };
const bare = { ...row, input: '' };

test('unsloth has one template, an empty input left blank', () => {
	const head =
		'Below is an instruction that describes a task, paired with an input that provides further context. ' +
		'Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n';
	expect(renderRow(row, 'unsloth')).toEqual({
		prompt: `${head}1 2\n\n### Response:\n`,
		response: '3',
	});
	expect(renderRow(bare, 'unsloth').prompt).toBe(`${head}\n\n### Response:\n`);
});

test('stanford has another template without input, and no line break before the response', () => {
	expect(renderRow(row, 'stanford').prompt).toBe(
		'Below is an instruction that describes a task, paired with an input that provides further context. ' +
			'Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n' +
			'1 2\n\n### Response:',
	);
	expect(renderRow(bare, 'stanford')).toEqual({
		prompt:
			'Below is an instruction that describes a task. Write a response that appropriately completes ' +
			'the request.\n\n### Instruction:\nAdd.\n\n### Response:',
		response: '3',
	});
});

test('plain text is the output as it is', () => {
	expect(renderRow({ ...row, output: ' a\n\nb ' }, 'plain')).toEqual({
		prompt: '',
		response: ' a\n\nb ',
	});
});

describe('a chat', () => {
	const chat: Chat = { messages: [{ role: 'user', content: 'a' }] };
	const asked = (given: InstructionRow) => {
		const seen: unknown[] = [];
		layOutRow(
			given,
			{ template: 'chat', loss: 'all' },
			{
				layOut(...all) {
					seen.push(...all);
					return { text: '', answers: [] };
				},
			},
			'row 7',
		);
		return seen;
	};
	const turns = (content: string) => ({
		messages: [
			{ role: 'user', content },
			{ role: 'assistant', content: '3' },
		],
	});

	test.each<[string, InstructionRow, Chat]>([
		['is laid out as it is', { ...row, chat }, chat],
		['is made of instruction and input', row, turns('Add.\n1 2')],
		['is made of an instruction', bare, turns('Add.')],
		['is made of an input', { ...row, instruction: '' }, turns('1 2')],
	])('%s', (_, given, laidOut) => {
		expect(asked(given)).toEqual([laidOut, 'row 7', 'all']);
	});

	test('that asks nothing is refused', () => {
		expect(() => asked({ ...bare, instruction: '' })).toThrow(
			namedError(
				'BadInput',
				'row 7 asks nothing, so that it has no turn of the user; choose the template "plain"',
			),
		);
	});

	test.each<[DataSpec['template'], string]>([
		[
			'chat',
			'the model has no chat template; choose one that was taught to chat, add chat_template.jinja to its folder and import it again, or choose another template for the rows',
		],
		[
			'stanford',
			'row 7 is a chat, which only the chat template of the model lays out; choose the template "chat"',
		],
	])('is refused where it cannot be laid out as %s', (template, why) => {
		const layOut = () => layOutRow({ ...row, chat }, { template, loss: 'all' }, null, 'row 7');
		expect(layOut).toThrow(namedError('BadInput', why));
	});
});
