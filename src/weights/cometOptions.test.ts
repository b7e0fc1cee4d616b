import { expect, test } from 'vitest';
import { parseHparams, readCometOptions } from './cometOptions.ts';
import { parseEncoderConfig } from './encoderConfig.ts';

const comet22 = { layerTransformation: 'sparsemax', layerNorm: false, pool: 'avg' };

test('hparams.yaml as COMET writes it', () => {
	const text =
		'activations: Tanh\nbatch_size: 4\nclass_identifier: regression_metric\nencoder_model: XLM-RoBERTa\n' +
		'final_activation: null\nhidden_sizes:\n- 3072\n- 1024\nlayer: mix\nlayer_norm: false\n' +
		"layer_transformation: sparsemax\npool: 'avg'\npretrained_model: xlm-roberta-large\n";
	expect(readCometOptions(parseHparams(text), 'hparams.yaml')).toEqual(comet22);
	const other = text
		.replace('layer_norm: false', 'layer_norm: True')
		.replace('sparsemax', 'softmax');
	const windows = other.replace("'avg'", 'cls').replaceAll('\n', '\r\n');
	expect(readCometOptions(parseHparams(windows), 'hparams.yaml')).toEqual({
		layerTransformation: 'softmax',
		layerNorm: true,
		pool: 'cls',
	});
});

test('a line of a million spaces is read as any other', () => {
	const value = `x${' '.repeat(1e6)}y`;
	expect(parseHparams(`pool: ${value}\nlayer: mix`).get('pool')).toBe(value);
});

test('values as YAML spells them; what is nested is read over', () => {
	const text =
		'a: ~\nb:\nc: NULL\nd: "x y"\ne: \'z\ng: x\'y\'\nh: "x"y\nurl: http://x\n- i: x\nj k: x\nl-: x\n: x\nplain\n' +
		'True: FALSE';
	expect(Object.fromEntries(parseHparams(text))).toEqual({
		...{ a: null, b: null, c: null, d: 'x y', e: "'z", g: "x'y'", h: '"x"y' },
		...{ url: 'http://x', True: false },
	});
});

test('where nothing is stated, those of COMET-22', () => {
	expect(readCometOptions(new Map(), 'model.ckpt')).toEqual(comet22);
});

test.each([
	['class_identifier', 'referenceless_regression_metric', /"class_identifier" is "referenceless/],
	['encoder_model', 'MiniLM', /"encoder_model" is "MiniLM"; implemented: "XLM-RoBERTa"/],
	['layer', 12, /"layer" is 12; implemented: "mix"/],
	['pool', ['avg'], /"pool" is no plain value/],
	['pool', 'max', /"pool" is "max"; implemented: "avg", "cls"/],
	['activations', 'ReLU', /"activations"/],
	['final_activation', 'Sigmoid', /"final_activation" is "Sigmoid"; implemented: null/],
])('%s: %s is refused by name', (key, value, message) => {
	expect(() => readCometOptions(new Map([[key, value]]), 'hparams.yaml')).toThrow(message);
});

const config = {
	model_type: 'xlm-roberta',
	hidden_size: 24,
	intermediate_size: 52,
	num_hidden_layers: 4,
	num_attention_heads: 3,
	vocab_size: 61,
	max_position_embeddings: 40,
};

test('config.json with the defaults of transformers', () => {
	expect(parseEncoderConfig(config, 'config.json')).toMatchObject({
		layers: 4,
		tokenTypes: 2,
		layerNormEpsilon: 1e-12,
		padTokenId: 1,
	});
});

test.each([
	[{ model_type: 'llama' }, /"model_type".*xlm-roberta-large/],
	[{ hidden_act: 'relu' }, /"hidden_act"/],
	[{ position_embedding_type: 'relative_key' }, /"position_embedding_type"/],
	[{ num_attention_heads: 5 }, /24 is no multiple of "num_attention_heads" 5/],
	[{ vocab_size: undefined }, /"vocab_size"/],
])('config.json with %j is refused', (change, message) => {
	expect(() => parseEncoderConfig({ ...config, ...change }, 'config.json')).toThrow(message);
});
