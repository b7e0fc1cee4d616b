/** `config.json` of XLM-RoBERTa: every size, every default, every refusal by its key. */
import { expect, test } from 'vitest';
import { parseEncoderConfig } from './encoderConfig.ts';

const least = {
	model_type: 'xlm-roberta',
	hidden_size: 24,
	intermediate_size: 52,
	num_hidden_layers: 4,
	num_attention_heads: 3,
	vocab_size: 61,
	max_position_embeddings: 40,
};
const parse = (change: object = {}) => parseEncoderConfig({ ...least, ...change }, 'c.json');

test('sizes, and the defaults of what is absent or null', () => {
	const expected = {
		...{ hiddenSize: 24, intermediateSize: 52, layers: 4, heads: 3, vocabularySize: 61 },
		...{ positions: 40, tokenTypes: 2, layerNormEpsilon: 1e-12, padTokenId: 1 },
	};
	expect(parse()).toEqual(expected);
	const absent = { type_vocab_size: null, layer_norm_eps: null, pad_token_id: null };
	expect(parse({ ...absent, hidden_act: null, position_embedding_type: null })).toEqual(expected);
	const stated = { type_vocab_size: 1, layer_norm_eps: 0, pad_token_id: 0 };
	expect(
		parse({ ...stated, hidden_act: 'gelu', position_embedding_type: 'absolute' }),
	).toMatchObject({ tokenTypes: 1, layerNormEpsilon: 0, padTokenId: 0 });
	expect(parse({ max_position_embeddings: 7 }).positions).toBe(7);
});

test.each([
	['model_type', 'roberta'],
	['hidden_size', 0],
	['intermediate_size', 1.5],
	['num_hidden_layers', '4'],
	['num_attention_heads', 0],
	['vocab_size', undefined],
	['max_position_embeddings', 6],
	['type_vocab_size', 0],
	['layer_norm_eps', -1],
	['pad_token_id', -1],
	['hidden_act', 'relu'],
	['position_embedding_type', 'relative_key'],
])('%s: %j is refused', (key, value) => {
	expect(() => parse({ [key]: value })).toThrow(`c.json: "${key}": Invalid `);
	expect(() => parse({ [key]: value })).toThrow(
		/; COMET-22 needs the config\.json of xlm-roberta-large$/,
	);
});

test('heads that do not share the width are refused, and what is no object', () => {
	expect(() => parse({ num_attention_heads: 5 })).toThrow(
		'c.json: "hidden_size" 24 is no multiple of "num_attention_heads" 5',
	);
	expect(() => parseEncoderConfig(null, 'c.json')).toThrow('c.json: "": Invalid type');
});
