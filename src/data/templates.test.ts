import { expect, test } from 'vitest';
import type { InstructionRow } from '../contract/library.ts';
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
	expect(renderRow(row, 'stanford').prompt).toMatch(
		/^Below is .*paired with an input.*\n\n### Instruction:\nAdd\.\n\n### Input:\n1 2\n\n### Response:$/s,
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
