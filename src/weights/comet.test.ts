/** Folders of COMET estimators: of safetensors and of torch's checkpoint, and those that are refused. */
import { expect, test } from 'vitest';
import { cometAdvice } from '../contract/comet.ts';
import type { ByteSource } from '../contract/model.ts';
import { cometShapes } from '../engine/comet/weights.ts';
import { openCometFolder } from './comet.ts';
import type { NamedTensor } from './encode.ts';
import { parseEncoderConfig } from './encoderConfig.ts';
import { jsonSource, memorySource, tensor, tensorSource } from './testing.ts';
import { dictionaryPickle, op, tensorPickle, wholePickle, zipOf } from './torch/testing.ts';

const config = {
	model_type: 'xlm-roberta',
	hidden_size: 4,
	intermediate_size: 6,
	num_hidden_layers: 1,
	num_attention_heads: 2,
	vocab_size: 5,
	max_position_embeddings: 8,
	type_vocab_size: 1,
};
const names = ['estimator.ff.0.weight', 'estimator.ff.2.weight'];
const tensors = cometShapes(parseEncoderConfig(config, 'config.json'), {
	names,
	shape: (name) => (name === names[0] ? [3, 24] : [1, 3]),
}).map(({ name, shape }) => tensor(name, shape));
const words = tensors[0]!;

const configFile = jsonSource('config.json', config);
const safetensors = (own: readonly NamedTensor[] = tensors) =>
	tensorSource('model.safetensors', own);
const text = (name: string, content: string) =>
	memorySource(name, new TextEncoder().encode(content));
const below = (folder: string, source: ByteSource): ByteSource => ({
	...source,
	name: `${folder}/${source.name}`,
});

/** As Lightning writes it; each tensor in a file of its own. */
function checkpoint(pool = 'avg', own: readonly NamedTensor[] = tensors): ByteSource {
	const state = own.map(({ name, shape }, at): [string, number[]] => {
		const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
		return [name, tensorPickle(String(at), shape, stride)];
	});
	const pickle = dictionaryPickle({
		state_dict: dictionaryPickle(Object.fromEntries(state)),
		hyper_parameters: dictionaryPickle({ pool: op.text(pool) }),
	});
	const data = own.map(({ data }, at) => ({
		name: `model/data/${at}`,
		bytes: [...new Uint8Array(data.buffer)],
	}));
	const archive = zipOf([{ name: 'model/data.pkl', bytes: wholePickle(pickle) }, ...data]);
	return memorySource('model.ckpt', archive);
}

test('a folder of safetensors, with its tokenizer', async () => {
	const opened = await openCometFolder(
		[
			...[configFile, safetensors(), jsonSource('tokenizer.json', { version: '1.0' })],
			jsonSource('tokenizer_config.json', { bos_token: '<s>' }),
		],
		'comet',
	);
	expect(opened).toMatchObject({
		config: { hiddenSize: 4, layers: 1, vocabularySize: 5 },
		options: { layerTransformation: 'sparsemax', layerNorm: false, pool: 'avg' },
		weights: 'model.safetensors',
		tokenizerJson: { version: '1.0' },
		tokenizerConfig: { bos_token: '<s>' },
	});
	expect(await opened.tensors.read(words.name)).toEqual(words.data);
});

test("torch's checkpoint, which states its options, below leading folders and without tokenizer", async () => {
	const files = [configFile, below('checkpoints', checkpoint('cls'))];
	const opened = await openCometFolder(
		files.map((file) => below('wmt22', file)),
		'comet',
	);
	expect(opened).toMatchObject({
		options: { pool: 'cls' },
		weights: 'checkpoints/model.ckpt',
		tokenizerJson: null,
		tokenizerConfig: {},
	});
	expect(opened.tensors.names).toEqual(tensors.map(({ name }) => name));
	expect(await opened.tensors.read(words.name)).toEqual(words.data);
	expect(() => opened.tensors.shape('x')).toThrow('checkpoints/model.ckpt: no tensor "x"');
});

test('hparams.yaml counts before what the checkpoint states', async () => {
	const hparams = text('hparams.yaml', 'layer_transformation: softmax\n');
	const { options } = await openCometFolder([configFile, checkpoint('cls'), hparams], 'comet');
	expect(options).toEqual({ layerTransformation: 'softmax', layerNorm: false, pool: 'avg' });
});

test('safetensors are taken where both are there', async () => {
	const other = memorySource('model.ckpt', new Uint8Array(3));
	const opened = await openCometFolder([other, configFile, safetensors()], 'comet');
	expect(opened.weights).toBe('model.safetensors');
});

test.each([
	'layerwise_attention.dropout_mask',
	'layerwise_attention.dropout_fill',
	'encoder.model.embeddings.position_ids',
	'encoder.model.pooler.dense.weight',
])('%s is not used', async (name) => {
	const files = [configFile, safetensors([...tensors, tensor(name, [2])])];
	await expect(openCometFolder(files, 'comet')).resolves.toBeDefined();
});

test.each<[string, ByteSource[], string]>([
	[
		'no config.json',
		[safetensors()],
		`config.json: not among the files of "comet". ${cometAdvice}`,
	],
	[
		'files whose names only hold config.json',
		[safetensors(), jsonSource('xconfig.json', config), jsonSource('config.json.bak', config)],
		`config.json: not among the files of "comet". ${cometAdvice}`,
	],
	[
		'no weights',
		[configFile, text('model.ckpt.txt', ''), text('model.safetensors.txt', '')],
		`model.ckpt: neither it nor safetensors are among the files. ${cometAdvice}`,
	],
	[
		'several checkpoints',
		[configFile, checkpoint(), below('old', checkpoint())],
		'model.ckpt, old/model.ckpt: several checkpoints; leave the one that is meant in the folder',
	],
	[
		'weights of the encoder only',
		[configFile, safetensors([words])],
		'model.safetensors: no tensor "estimator.ff.0.weight": these are no weights of COMET',
	],
	[
		'a checkpoint that lacks a tensor',
		[configFile, checkpoint('avg', tensors.slice(1))],
		`model.ckpt: the tensors do not fit config.json: 1 missing: ${words.name}.`,
	],
	[
		'tensors that begin like those that are not used',
		[configFile, safetensors([...tensors, tensor('layerwise_attention.dropout_masks', [1])])],
		'1 not part of this architecture: layerwise_attention.dropout_masks.',
	],
	[
		'tensors that end like those that are not used',
		[configFile, safetensors([...tensors, tensor('x.encoder.model.pooler.bias', [1])])],
		'1 not part of this architecture: x.encoder.model.pooler.bias.',
	],
	['an option of the checkpoint', [configFile, checkpoint('max')], 'model.ckpt: "pool" is "max"'],
	[
		'an option of hparams.yaml',
		[configFile, checkpoint(), text('hparams.yaml', 'pool: max')],
		'hparams.yaml: "pool" is "max"; implemented: "avg", "cls"',
	],
	[
		'a configuration of another model',
		[jsonSource('config.json', { ...config, model_type: 'bert' }), safetensors()],
		'config.json: "model_type": ',
	],
])('refuses %s', async (_, files, message) => {
	const opening = openCometFolder(files, 'comet');
	await expect(opening).rejects.toMatchObject({ name: 'BadInput' });
	await expect(opening).rejects.toThrow(message);
});
