/** What Hugging Face's tokenizers 0.23.3 puts around a text; two templates in sequence it does not do. */
import { expect, test } from 'vitest';
import { makeEnds } from './postProcessors.ts';

const ids: Record<string, number[]> = { x: [3], y: [4], z: [5], xy: [3, 4] };
const tokens = Object.fromEntries(
	Object.entries(ids).map(([id, those]) => [id, { id, ids: those, tokens: those.map(String) }]),
);
/** `A` and `B` are texts. */
const template = (single: string[]) => ({
	type: 'TemplateProcessing',
	single: single.map((id) =>
		'AB'.includes(id) ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
	),
	special_tokens: tokens,
});
const offsets = { add_prefix_space: true, trim_offsets: true };
const byteLevel = { type: 'ByteLevel', ...offsets, use_regex: true };
const enclosing = (type: string) => ({ type, sep: ['y', 4], cls: ['x', 3] });
const sequence = (...processors: object[]) => ({ type: 'Sequence', processors });

test.each<[object, number[], number[]]>([
	[template(['A']), [], []],
	[template(['x', 'y', 'A']), [3, 4], []],
	[template(['A', 'x', 'y']), [], [3, 4]],
	[template(['xy', 'A', 'z']), [3, 4], [5]],
	[byteLevel, [], []],
	[enclosing('BertProcessing'), [3], [4]],
	[{ ...enclosing('RobertaProcessing'), ...offsets }, [3], [4]],
	[sequence(), [], []],
	[sequence(byteLevel, template(['x', 'A', 'y'])), [3], [4]],
	[sequence(template(['x', 'A', 'y']), template(['z', 'A', 'xy'])), [5, 3], [4, 3, 4]],
])('%j', (processor, before, after) => {
	expect(makeEnds(processor, 'post_processor')).toEqual({ before, after });
});

const notOne = '"single" holds not just one text, A';
const noObject = 'is not supported (an object of tokens is needed);';

test.each<[object, string]>([
	[template([]), `: ${notOne}`],
	[template(['x']), `: ${notOne}`],
	[template(['x', 'B']), `: ${notOne}`],
	[template(['A', 'x', 'A']), `: ${notOne}`],
	[template(['w', 'A']), ': "special_tokens" does not say the ids of "w"'],
	[template(['toString', 'A']), ': "special_tokens" does not say the ids of "toString"'],
	[
		{ ...template(['A']), special_tokens: null },
		` (TemplateProcessing): "special_tokens": null ${noObject}`,
	],
	[
		{ ...template(['A']), special_tokens: [] },
		` (TemplateProcessing): "special_tokens": a list ${noObject}`,
	],
	[
		{ ...template(['A']), special_tokens: 'x' },
		` (TemplateProcessing): "special_tokens": "x" ${noObject}`,
	],
	[{ ...enclosing('BertProcessing'), cls: ['x', -1] }, ' (BertProcessing): "cls.1": -1'],
	[sequence(byteLevel, { type: 'Odd' }), '.processors[1]: the type "Odd" is not supported'],
])('%j is refused', (processor, problem) => {
	const message = expect.stringContaining(`tokenizer.json: post_processor${problem}`) as string;
	expect(() => makeEnds(processor, 'post_processor')).toThrow(
		expect.objectContaining({ name: 'BadInput', message }),
	);
});
