/** What Hugging Face's tokenizers 0.23.3 (`decoder.decode`) makes of pieces. */
import { expect, test } from 'vitest';
import { makeDecoder } from './decoders.ts';

const byteLevel = {
	type: 'ByteLevel',
	add_prefix_space: true,
	trim_offsets: true,
	use_regex: true,
};
const metaspace = (scheme: string) => ({
	...{ type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: true },
});
const wordPiece = (cleanup: boolean) => ({ type: 'WordPiece', prefix: '##', cleanup });
const strip = (start: number, stop: number) => ({ type: 'Strip', content: ' ', start, stop });
const spaces = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };

test.each<[object, string[], string]>([
	[byteLevel, ['Ġa', 'Ã©', 'x日', 'Ċ'], ' aéx日\n'],
	[byteLevel, ['Ã', '©b'], 'éb'],
	[byteLevel, ['Ã', 'b'], '\ufffdb'],
	[byteLevel, ['ï»¿a'], '\ufeffa'],
	[
		{ type: 'ByteFallback' },
		['<0xE2>', '<0x82>', '<0xAC>', 'a', '<0xff>', '<0x41>'],
		'€a\ufffd\ufffd',
	],
	[
		{ type: 'ByteFallback' },
		['b<0x41>', '<0x41>b', '<0x4>', '<0xG1>'],
		'b<0x41><0x41>b<0x4><0xG1>',
	],
	[{ type: 'ByteFallback' }, ['<0xEF>', '<0xBB>', '<0xBF>', '<0xc3>', '<0xA9>'], '\ufeffé'],
	[{ type: 'Fuse' }, ['a', 'b'], 'ab'],
	[{ ...spaces, content: '$&' }, ['▁a▁', 'b'], '$&a$&b'],
	[{ ...spaces, pattern: { Regex: '▁+' } }, ['▁▁a▁', 'b'], ' a b'],
	[strip(1, 0), ['  a ', ' b'], ' a b'],
	[strip(0, 1), ['  a  ', ' b '], '  a  b'],
	[metaspace('always'), ['▁a▁b', '▁c'], 'ab c'],
	[metaspace('first'), ['▁a▁b', '▁c'], 'ab c'],
	[metaspace('never'), ['▁a▁b', '▁c'], ' a b c'],
	[
		{ type: 'Metaspace', replacement: '▁', add_prefix_space: true, str_rep: '▁' },
		['▁a', '▁b'],
		'a b',
	],
	[wordPiece(true), ['a', '##b', '.', 'do', "n't", '##'], "ab. don't"],
	[wordPiece(false), ['a', '##b', '.', 'do', "n't", 'c', '##d##'], "ab . do n't cd##"],
	[{ type: 'BPEDecoder', suffix: '</w>' }, ['a', 'b</w>', 'c</w>'], 'ab c'],
	[{ type: 'Sequence', decoders: [spaces, { type: 'Fuse' }, strip(1, 0)] }, ['▁a', '▁b'], 'a b'],
	[{ type: 'Sequence', decoders: [] }, ['a', 'b'], 'ab'],
])('%j of %j', (decoder, pieces, text) => {
	expect(makeDecoder(decoder, 'decoder')(pieces).join('')).toBe(text);
});

test('bytes that are no UTF-8 are a replacement character each, whatever stands beside them', () => {
	const decode = makeDecoder({ type: 'ByteFallback' }, 'decoder');
	expect(decode(['a', '<0xE2>', '<0x82>', 'b'])).toEqual(['a', '\ufffd\ufffd', 'b']);
});

test('a sequence leaves the pieces that it is given as they are', () => {
	const pieces = Object.freeze(['a', '##b']);
	const decoders = [wordPiece(false), strip(1, 1), { type: 'BPEDecoder', suffix: 'x' }];
	for (const decoder of [...decoders, { type: 'Sequence', decoders }])
		expect(() => makeDecoder(decoder, 'decoder')(pieces)).not.toThrow();
});

test.each<[object, string]>([
	[strip(-1, 0), ' (Strip): "start": -1'],
	[strip(0, 1001), ' (Strip): "stop": 1001'],
	[strip(0.5, 0), ' (Strip): "start": 0.5'],
	[{ ...strip(0, 0), content: 'ab' }, ' (Strip): "content": "ab"'],
	[{ ...metaspace('odd') }, ' (Metaspace): "prepend_scheme": "odd"'],
	[{ ...metaspace('never'), replacement: '' }, ' (Metaspace): "replacement": ""'],
	[{ ...wordPiece(true), prefix: '' }, ' (WordPiece): "prefix": ""'],
	[{ type: 'BPEDecoder', suffix: '' }, ' (BPEDecoder): "suffix": ""'],
	[
		{ type: 'Sequence', decoders: [spaces, { type: 'Sequence', decoders: [{ type: 'Odd' }] }] },
		'.decoders[1].decoders[0]: the type "Odd" is not supported',
	],
	[
		{ ...spaces, pattern: { Regex: '(' } },
		': the expression ( leaves a group open; take a tokenizer without it',
	],
])('%j is refused', (decoder, problem) => {
	const message = expect.stringContaining(`tokenizer.json: decoder${problem}`) as string;
	expect(() => makeDecoder(decoder, 'decoder')).toThrow(
		expect.objectContaining({ name: 'BadInput', message }),
	);
});
