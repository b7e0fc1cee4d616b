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
		[
			{ peft_type: 'LOHA' },
			/adapter_config\.json: "peft_type": "LOHA" is not supported; only plain LoRA/,
		],
		[{ use_dora: true }, /"use_dora": true is not supported/],
		[{ bias: 'all' }, /"bias": "all" is not supported/],
		[{ rank_pattern: { q_proj: 4 } }, /"rank_pattern": {"q_proj":4} is not supported/],
		[{ r: 0 }, /"r"/],
		[{ init_lora_weights: 'pissa_niter_4' }, /"init_lora_weights": "pissa_niter_4"/],
		[{ init_lora_weights: 'olora' }, /"init_lora_weights": "olora"/],
		[{ alora_invocation_tokens: [] }, /"alora_invocation_tokens": \[\]/],
		[{ trainable_token_indices: { embed_tokens: [1] } }, /"trainable_token_indices"/],
		[{ layer_replication: [[0, 2]] }, /"layer_replication"/],
		[{ task_type: 'SEQ_CLS' }, /"task_type": "SEQ_CLS"/],
		[{ use_novel: true }, /"use_novel": true: this setting is not known here/],
		[{ layers_pattern: ['h'] }, /"layers_pattern": \["h"\] finds no layer/],
	])('is refused with %o', async (change, message) => {
		const refusal = openAdapter(await folder(tensors, change), parameters);
		await expect(refusal).rejects.toMatchObject({ name: 'BadInput' });
		await expect(refusal).rejects.toThrow(message);
	});

	it('is taken with every key that PEFT 0.21 writes, at the value that changes nothing', async () => {
		const neutral = {
			...{ alora_invocation_tokens: null, arrow_config: null, auto_mapping: { a: 'B' } },
			...{ corda_config: null, eva_config: null, exclude_modules: null, kasa_config: null },
			...{ layer_replication: null, loftq_config: {}, lora_bias: false, lora_ga_config: null },
			...{ megatron_config: null, megatron_core: 'megatron.core', monteclora_config: null },
			...{ peft_version: '0.21.0', qalora_group_size: 16, target_parameters: null },
			...{ trainable_token_indices: null, use_bdlora: null, use_qalora: false },
			...{ velora_config: null, ensure_weight_tying: false, novel: null },
		};
		for (const init_lora_weights of [true, false, 'gaussian', 'eva', 'orthogonal', 'mica']) {
			const change = { ...neutral, init_lora_weights };
			expect((await openAdapter(await folder(tensors, change), parameters)).lora).toEqual(lora);
		}
	});

	const q = 'model.layers.0.self_attn.q_proj';
	const down = 'model.layers.1.mlp.down_proj';
	const irregular = [
		...[tensor(`${q}.lora_A.weight`, 2, 8), tensor(`${q}.lora_B.weight`, 8, 2)],
		...[tensor(`${down}.lora_A.weight`, 2, 12), tensor(`${down}.lora_B.weight`, 8, 2)],
	];
	const everywhere = { layers_to_transform: null, layers_pattern: null, modules_to_save: null };

	it.each<[string, object]>([
		['an expression', { target_modules: '.*0\\..*q_proj|.*1\\..*down_proj' }],
		['an expression that would never end', { target_modules: '(a+)+$' }],
		['whole names', { target_modules: [q, down] }],
		['modules left out', { exclude_modules: ['layers.1.self_attn.q_proj', '0.mlp.down_proj'] }],
		['an expression of those left out', { exclude_modules: '.*gate_proj' }],
	])('may adapt other linear layers in each layer, by %s', async (_, change) => {
		const files = await folder(irregular, { ...everywhere, ...change });
		const adapter = await openAdapter(files, parameters);
		expect(adapter.layers).toEqual([0, 1]);
		expect(adapter.lora.targets).toEqual(['q_proj', 'down_proj']);
		expect(adapter.tensors).toHaveLength(4);
	});

	it('is refused where its two files do not belong together', async () => {
		const open = async (own: readonly NamedTensor[], change: object) =>
			openAdapter(await folder(own, { ...everywhere, ...change }), parameters);
		await expect(open(irregular, { target_modules: ['q_proj'] })).rejects.toThrow(
			/adapts "model\.layers\.1\.mlp\.down_proj", which adapter_config\.json does not/,
		);
		await expect(open(irregular, {})).rejects.toThrow(
			/missing are .*layers\.0\.mlp\.down_proj\.lora_A.*which adapter_config\.json asks for/,
		);
		const half = irregular.slice(1);
		await expect(open(half, { target_modules: '.*' })).rejects.toThrow(/missing are .*lora_A/);
		await expect(open(tensors.slice(0, 1), { target_modules: '.*' })).rejects.toThrow(/no lora_A/);
		const saved = { target_modules: '.*', modules_to_save: ['embed_tokens'] };
		await expect(open(irregular, saved)).rejects.toThrow(/missing are model\.embed_tokens\.weight/);
	});

	describe('on a model whose head is its embedding', () => {
		const embedding = tensor('model.embed_tokens.weight', 10, 8);
		const head = { ...embedding, name: 'lm_head.weight' };
		const read = async (own: readonly NamedTensor[], change: object) =>
			readAdapter(await folder([...tensors.slice(1), ...own], change));

		it.each<[string[] | null, boolean, boolean]>([
			[['embed_tokens'], false, true],
			[['lm_head'], false, true],
			[['embed_tokens', 'lm_head'], true, false],
			[['model.norm'], false, false],
			[null, false, false],
		])('with %j saved and tying %j separates the two: %j', async (saved, tying, separate) => {
			const change = { modules_to_save: saved, ensure_weight_tying: tying };
			expect((await read([embedding], change)).separatesHead).toBe(separate);
		});

		it('reads the one matrix under either name, and refuses two that differ', async () => {
			const change = { modules_to_save: ['embed_tokens', 'lm_head'], ensure_weight_tying: true };
			const both = await fitAdapter(await read([embedding, head], change), parameters);
			expect(both.tensors.map(({ name }) => name)).not.toContain(head.name);
			const none = { modules_to_save: null };
			const one = await fitAdapter(await read([head], none), parameters);
			expect(await one.read(embedding.name)).toEqual(head.data);
			const other = { ...head, data: head.data.map((value) => -value) };
			const files = await read([embedding, other], change);
			await expect(fitAdapter(files, parameters)).rejects.toThrow(/differ, though/);
		});
	});

	it.each([
		['half a pair', tensors.slice(0, -1), /missing are .*down_proj\.lora_B/],
		['no adapter', tensors.slice(0, 1), /missing are .*lora_A/],
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
