/** Adapters on a model: layers beyond the ninth, heads of their own, and what is told of tensors that do not fit. */
import { expect, test } from 'vitest';
import { fitAdapter, readAdapter } from './adapter.ts';
import type { NamedTensor } from './encode.ts';
import { jsonSource, tensor, tensorSource } from './testing.ts';

const least = { peft_type: 'LORA', r: 2, lora_alpha: 6, target_modules: ['q_proj'] };
const embedding = { name: 'model.embed_tokens.weight', shape: [4, 8] };
const head = { name: 'lm_head.weight', shape: [4, 8] };
const norm = { name: 'model.norm.weight', shape: [8] };
const q = (layer: number) => `model.layers.${layer}.self_attn.q_proj`;
const queries = (count: number) =>
	Array.from({ length: count }, (_, layer) => ({ name: `${q(layer)}.weight`, shape: [8, 8] }));
const pair = (layer: number) => [
	tensor(`${q(layer)}.lora_A.weight`, [2, 8]),
	tensor(`${q(layer)}.lora_B.weight`, [8, 2]),
];

const files = (tensors: readonly NamedTensor[], change: object = {}, folder = '') =>
	readAdapter([
		jsonSource(`${folder}adapter_config.json`, { ...least, ...change }),
		tensorSource(
			`${folder}adapter_model.safetensors`,
			tensors.map((one) => ({ ...one, name: `base_model.model.${one.name}` })),
		),
	]);
const fit = async (
	tensors: readonly NamedTensor[],
	change: object = {},
	parameters = [embedding, ...queries(12), norm],
) => fitAdapter(await files(tensors, change), parameters);

test('the layers come in the order of the model', async () => {
	const change = { layers_to_transform: [1, 2, 11] };
	const { layers, lora } = await fit([...pair(11), ...pair(1), ...pair(2)], change);
	expect(layers).toEqual([1, 2, 11]);
	expect(lora).toEqual({
		...{ kind: 'lora', rank: 2, alpha: 6, scaling: 'standard', dropout: 0, targets: ['q_proj'] },
	});
});

test('the files may lie below a folder', async () => {
	const read = await files(pair(1), {}, 'run/adapter/');
	expect(read.tensors.map(({ name }) => name)).toEqual(pair(1).map(({ name }) => name));
	expect(await read.read(`${q(1)}.lora_B.weight`)).toEqual(pair(1)[1]?.data);
});

test('a model with a head of its own takes both matrices', async () => {
	const saved = [tensor(embedding.name, [4, 8]), tensor(head.name, [4, 8])];
	const change = { modules_to_save: ['embed_tokens', 'lm_head'], layers_to_transform: [0] };
	const parameters = [embedding, ...queries(1), norm, head];
	const { tensors, read } = await fit([...pair(0), ...saved], change, parameters);
	expect(tensors).toHaveLength(4);
	for (const { name, data } of saved) expect(await read(name)).toEqual(data);
});

test('a head in place of the embedding leaves every other tensor what it is', async () => {
	const saved = [tensor(head.name, [4, 8]), tensor(norm.name, [8])];
	const change = { modules_to_save: ['norm'], layers_to_transform: [0] };
	const { read } = await fit([...pair(0), ...saved], change);
	expect(await read(embedding.name)).toEqual(saved[0]?.data);
	expect(await read(norm.name)).toEqual(saved[1]?.data);
});

test('two matrices for one are refused where a single number or their length differs', async () => {
	const one = tensor(embedding.name, [4, 8]);
	const same = { ...one, name: head.name };
	const change = { modules_to_save: ['embed_tokens'], layers_to_transform: [0] };
	await expect(fit([...pair(0), one, same], change)).resolves.toBeDefined();
	const longer = {
		...same,
		shape: [5, 8],
		data: Float32Array.of(...one.data, ...one.data.slice(24)),
	};
	const last = { ...same, data: one.data.map((value, at) => (at === 31 ? -1 : value)) };
	for (const other of [longer, last])
		await expect(fit([...pair(0), one, other], change)).rejects.toThrow(
			'adapter_model.safetensors: "model.embed_tokens.weight" and "lm_head.weight" differ, though ' +
				'adapter_config.json keeps them one matrix',
		);
});

test.each<[string, NamedTensor[], object, string]>([
	[
		'adapters on the embedding',
		[...pair(0), tensor('model.embed_tokens.lora_embedding_A', [2, 4])],
		{ layers_to_transform: [0] },
		'adapter_config.json: "target_modules" adapts "model.embed_tokens"; here adapters go on q_proj, k_proj, v_proj, ' +
			'o_proj, gate_proj, up_proj, down_proj of the decoder layers only',
	],
	[
		'adapters that the configuration leaves out',
		[...pair(0), ...pair(1)],
		{ layers_to_transform: [0] },
		`adapter_model.safetensors: "${q(1)}.lora_A.weight" adapts "${q(1)}", which adapter_config.json does not: PEFT ` +
			'would leave it out. Take both files of one adapter',
	],
	[
		'five tensors missing',
		[...pair(0), ...pair(1).slice(0, 1)],
		{ layers_to_transform: [0, 1, 2, 3] },
		`missing are ${q(1)}.lora_B.weight, ${q(2)}.lora_A.weight, ${q(2)}.lora_B.weight, ${q(3)}.lora_A.weight, ` +
			`${q(3)}.lora_B.weight, which adapter_config.json asks for on this model; take both files of one adapter, and ` +
			'the base model it was trained on',
	],
	[
		'more tensors missing than are listed',
		pair(0),
		{},
		`${q(2)}.lora_B.weight, ${q(3)}.lora_A.weight and 17 more, which adapter_config.json asks for`,
	],
	[
		'tensors of no model and no adapter',
		[tensor('a', [1]), tensor('b', [1])],
		{ target_modules: '.*' },
		'adapter_model.safetensors: the tensors do not fit the loaded model; 2 do not fit: a (not in it), b (not in it); ' +
			'no lora_A of a linear layer is among them. Load the base model the adapter was trained on',
	],
	[
		'a tensor of another shape',
		[...pair(0), tensor(norm.name, [4])],
		{ layers_to_transform: [0], modules_to_save: ['model.norm'] },
		'the tensors do not fit the loaded model; 1 do not fit: model.norm.weight [4], not [8]. Load the base model',
	],
	[
		'adapters of layers that the model has not',
		[...pair(0), ...pair(12)],
		{ target_modules: '.*' },
		`2 do not fit: ${q(12)}.lora_A.weight (not in it), ${q(12)}.lora_B.weight (not in it). Load`,
	],
])('%s are told', async (_, tensors, change, message) => {
	const refusal = fit(tensors, change);
	await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
	await expect(refusal).rejects.toThrow(message);
});
