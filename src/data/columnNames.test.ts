import { describe, expect, test } from 'vitest';
import { guessMapping, isChatColumn, whyNoGuess } from './columnNames.ts';

test.each([
	[
		['instruction', 'input', 'output', '_ids'],
		{ instruction: 'instruction', input: 'input', output: 'output' },
	],
	[['Response', 'Prompt', 'id'], { instruction: 'Prompt', input: null, output: 'Response' }],
	[
		['question', 'context', 'answer'],
		{ instruction: 'question', input: 'context', output: 'answer' },
	],
	[['Text'], { instruction: null, input: null, output: 'Text' }],
	[['text', 'label'], null],
	[['text', 'output'], null],
	[['instruction'], null],
	[['output'], null],
	[['instruction', 'input'], null],
	[[], null],
	[['id', 'messages'], { instruction: null, input: null, output: 'messages' }],
	[['conversations', 'system'], { instruction: null, input: null, output: 'conversations' }],
	[['prompt', 'chosen', 'rejected'], null],
])('guesses the columns of %j', (columns, mapping) => {
	expect(guessMapping(columns)).toEqual(mapping);
});

describe('columns are known by', () => {
	test.each(['instruction', 'prompt', 'question', 'query', 'instruksi', 'pertanyaan', ' QUERY '])(
		'%j as the instruction',
		(name) => {
			expect(guessMapping(['output', name])).toEqual({
				...{ instruction: name, input: null, output: 'output' },
			});
		},
	);

	test.each(['input', 'context', 'konteks', 'masukan', 'Context'])('%j as the input', (name) => {
		expect(guessMapping([name, 'prompt', 'answer'])?.input).toBe(name);
	});

	test.each([
		...['output', 'response', 'completion', 'answer', 'target', 'keluaran', 'jawaban', 'Answer '],
	])('%j as the output', (name) => {
		expect(guessMapping([name, 'prompt'])?.output).toBe(name);
	});

	test.each(['messages', 'conversations', 'conversation', ' Messages'])('%j as chats', (name) => {
		expect(isChatColumn(name)).toBe(true);
		expect(guessMapping(['prompt', 'output', name])).toEqual({
			...{ instruction: null, input: null, output: name },
		});
	});
});

test.each(['message', 'output', ''])('%j is no column of chats', (name) => {
	expect(isChatColumn(name)).toBe(false);
});

test('the usual name goes before others', () => {
	expect(guessMapping(['answer', 'output', 'question', 'instruction', 'context', 'input'])).toEqual(
		{
			...{ instruction: 'instruction', input: 'input', output: 'output' },
		},
	);
});

const unknown = 'x.csv: cannot tell which columns are instruction, input and output among';
test.each([
	[['a', 'b'], `${unknown} a, b; name them`],
	[['chosen', 'prompt'], `${unknown} chosen, prompt; name them`],
	[['rejected'], `${unknown} rejected; name them`],
	[
		['prompt', ' Chosen', 'REJECTED'],
		'x.csv: the rows are preferences (chosen, rejected), and training here learns one answer; choose "chosen" as the output, or write a file with one answer in every row',
	],
])('%j: why', (columns, why) => {
	expect(whyNoGuess(columns, 'x.csv')).toBe(why);
});
