/** PEFT's folders: written and read back, and refused where they would not compute what PEFT does. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../contract/model.ts';
import type { Lora } from '../contract/spec.ts';
import { fitAdapter, type PeftAdapter, readAdapter } from './adapter.ts';
import { encodeAdapter } from './adapterExport.ts';
import type { NamedShape } from '../engine/model/weights.ts';
import type { NamedTensor } from './encode.ts';

const parameters = [
	{ name: 'model.embed_tokens.weight', shape: [10, 8] },
	...[0, 1].flatMap((layer) => [
		{ name: `model.layers.${layer}.self_attn.q_proj.weight`, shape: [8, 8] },
		{ name: `model.layers.${layer}.mlp.down_proj.weight`, shape: [8, 12] },
		{ name: `model.layers.${layer}.input_layernorm.weight`, shape: [8] },
	]),
	{ name: 'model.norm.weight', shape: [8] },
];
const lora: Lora = {
	kind: 'lora',
	rank: 2,
	alpha: 6,
	scaling: 'rank-stabilised',
	dropout: 0.1,
	targets: ['q_proj', 'down_proj'],
};

const openAdapter = async (
	sources: readonly ByteSource[],
	shapes: readonly NamedShape[],
): Promise<PeftAdapter> => fitAdapter(await readAdapter(sources), shapes);

const tensor = (name: string, ...shape: number[]): NamedTensor => ({
	name,
	shape,
	data: Float32Array.from(
		{ length: shape.reduce((a, b) => a * b, 1) },
		(_, i) => name.length + i / 8,
	),
});
const tensors = [
	tensor('model.norm.weight', 8),
	tensor('model.layers.1.self_attn.q_proj.lora_A.weight', 2, 8),
	tensor('model.layers.1.self_attn.q_proj.lora_B.weight', 8, 2),
	tensor('model.layers.1.mlp.down_proj.lora_A.weight', 2, 12),
	tensor('model.layers.1.mlp.down_proj.lora_B.weight', 8, 2),
];

const source = (name: string, bytes: Uint8Array): ByteSource => ({
	name,
	size: bytes.length,
	read: (begin, end) => Promise.resolve(bytes.slice(begin, end)),
});

/** The folder's files as sources, the configuration with `change`. */
async function folder(
	own: readonly NamedTensor[] = tensors,
	change: object = {},
): Promise<ByteSource[]> {
	const files = encodeAdapter({ base: 'tiny', lora, layers: [1], tensors: own });
	return Promise.all(
		files.map(async ({ name, parts }) => {
			const bytes = new Uint8Array(await new Blob([...parts]).arrayBuffer());
			if (!name.endsWith('.json')) return source(name, bytes);
			const config = { ...(JSON.parse(new TextDecoder().decode(bytes)) as object), ...change };
			return source(name, new TextEncoder().encode(JSON.stringify(config)));
		}),
	);
}

describe('a PEFT adapter', () => {
	it('comes back as it was written', async () => {
		const adapter = await openAdapter(await folder(), parameters);
		expect(adapter.lora).toEqual(lora);
		expect(adapter.layers).toEqual([1]);
		expect(adapter.tensors).toHaveLength(tensors.length);
		for (const { name, data } of tensors) expect(await adapter.read(name)).toEqual(data);
	});

	it("has PEFT's names, in order, and its final norm is not taken for every layer's", () => {
		const [config, weights] = encodeAdapter({ base: 'tiny', lora, layers: [1, 0], tensors });
		expect(JSON.parse(new TextDecoder().decode(config!.parts[0]))).toMatchObject({
			layers_to_transform: [0, 1],
			modules_to_save: ['model.norm'],
			target_modules: ['q_proj', 'down_proj'],
			use_rslora: true,
		});
		const header = new TextDecoder().decode(weights!.parts[0]!.subarray(8));
		expect(Object.keys(JSON.parse(header) as object)).toEqual([
			'__metadata__',
			'base_model.model.model.layers.1.mlp.down_proj.lora_A.weight',
			'base_model.model.model.layers.1.mlp.down_proj.lora_B.weight',
			'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight',
			'base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight',
			'base_model.model.model.norm.weight',
		]);
	});

	it('trains nothing in full where the run did not', () => {
		const [config] = encodeAdapter({ base: 'b', lora, layers: [1], tensors: tensors.slice(1) });
		expect(JSON.parse(new TextDecoder().decode(config!.parts[0]))).toMatchObject({
			modules_to_save: null,
		});
	});

	it.each([
		[{ peft_type: 'LOHA' }, /adapter_config\.json: "peft_type".*LORA/],
		[{ use_dora: true }, /"use_dora".*true/],
		[{ bias: 'all' }, /"bias".*all/],
		[{ rank_pattern: { q_proj: 4 } }, /"rank_pattern": {"q_proj":4} is not supported/],
		[{ r: 0 }, /"r"/],
	])('is refused with %o', async (change, message) => {
		const refusal = openAdapter(await folder(tensors, change), parameters);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		await expect(refusal).rejects.toThrow(message);
	});

	it.each([
		['half a pair', tensors.slice(0, -1), /missing are .*down_proj\.lora_B/],
		['no adapter', tensors.slice(0, 1), /no lora_A/],
		[
			'an adapter of another base',
			[...tensors.slice(0, -1), tensor('model.layers.1.mlp.down_proj.lora_B.weight', 9, 2)],
			/down_proj\.lora_B\.weight \[9,2\], not \[8,2\].*base model/,
		],
		[
			'adapters where this model has none',
			[...tensors, tensor('lm_head.lora_A.weight', 2, 8)],
			/"target_modules" adapts "lm_head"/,
		],
	])('is refused with %s', async (_, own, message) => {
		const refusal = openAdapter(await folder(own), parameters);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		await expect(refusal).rejects.toThrow(message);
	});

	it('needs both files', async () => {
		const [config] = await folder();
		await expect(openAdapter([config!], parameters)).rejects.toThrow(
			/adapter_model\.safetensors: not among the files/,
		);
	});
});
