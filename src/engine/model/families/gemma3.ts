/**
 * Gemma 3, text only (Gemma team 2025): norms at both ends of both branches with gain 1 + w, norms of every head of q and
 * k, GeGLU, and five layers with a window and a base frequency of their own to one that attends to all.
 */
import { badFile } from '../../../contract/errors.ts';
import { shownValue } from '../../../contract/shownValue.ts';
import type { Rotation } from '../../../contract/model.ts';
import { toBfloat16 } from '../../kernels/weightFormats/bfloat16.ts';
import { countOf, type Family, numberOf, type RawConfig, statedBias } from './family.ts';
import { readWindows, statedWindow } from './windows.ts';

const layerKinds = { full: 'full_attention', sliding: 'sliding_attention' } as const;

/** `layer_types`; without it every layer slides but each `sliding_window_pattern`-th. */
function withLayerTypes(raw: RawConfig, file: string): RawConfig & { layer_types: string[] } {
	const pattern = countOf(raw, 'sliding_window_pattern', 6, file);
	const types = Array.from({ length: raw.num_hidden_layers }, (_, layer) =>
		(layer + 1) % pattern === 0 ? layerKinds.full : layerKinds.sliding,
	);
	return { ...raw, layer_types: raw.layer_types ?? types };
}

type Settings = Readonly<Record<string, unknown>>;

const settingsOf = (settings: unknown): Settings =>
	typeof settings === 'object' && settings !== null ? (settings as Settings) : {};

/** Base of a kind of layer: its own settings in `rope_parameters`, whose flat ones are not read, else the key of old files. */
function rotation(
	raw: RawConfig,
	kind: string,
	key: string,
	fallback: number,
	file: string,
): Rotation {
	const own = settingsOf(raw.rope_parameters?.[kind]);
	const type = own['rope_type'] ?? 'default';
	const theta = own['rope_theta'] ?? raw[key] ?? fallback;
	if (typeof theta !== 'number' || !(theta > 0))
		throw badFile(file, `the base frequency of "${kind}" is ${shownValue(theta)}`);
	if (type !== 'default')
		throw badFile(file, `rope type ${shownValue(type)} of "${kind}" is not supported`);
	return { theta, scaling: null };
}

function rotationsOf(raw: RawConfig, types: readonly string[], file: string): Rotation[] {
	const scaling = raw.rope_scaling?.['rope_type'] ?? 'default';
	if (scaling !== 'default')
		throw badFile(file, `rope type ${shownValue(scaling)} in "rope_scaling" is not supported`);
	const full = rotation(raw, layerKinds.full, 'rope_theta', 1e6, file);
	const sliding = rotation(raw, layerKinds.sliding, 'rope_local_base_freq', 1e4, file);
	return types.map((type) => (type === layerKinds.full ? full : sliding));
}

/** Rounded as the weights are: models in bfloat16 were trained with the rounded factor. */
function embeddingScale(raw: RawConfig): number {
	const scale = Math.sqrt(raw.hidden_size);
	return (raw['dtype'] ?? raw['torch_dtype']) === 'bfloat16' ? toBfloat16(scale) : scale;
}

export const gemma3: Family = {
	type: 'gemma3_text',
	label: 'Gemma 3',
	known: 'Gemma 3 270M, 1B',
	architecture: 'Gemma3ForCausalLM',
	defaults: {
		...{ keyValueHeads: 4, headDim: 256, contextLength: 131072, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: true, bos: 2, eos: 1 },
	},
	slides: true,
	keys: [
		...['hidden_activation', 'hidden_act', 'query_pre_attn_scalar', 'rope_local_base_freq'],
		...['sliding_window_pattern', '_sliding_window_pattern', 'cache_implementation'],
	],
	traits: (raw, _contextLength, file) => {
		const activation = raw['hidden_activation'] ?? 'gelu_pytorch_tanh';
		if (activation !== 'gelu_pytorch_tanh')
			throw badFile(file, `"hidden_activation": ${shownValue(activation)} is not supported`);
		const scalar = numberOf(raw, 'query_pre_attn_scalar', 256, file);
		if (!(scalar > 0)) throw badFile(file, `"query_pre_attn_scalar" is ${scalar}`);
		const typed = withLayerTypes(raw, file);
		const rotations = rotationsOf(raw, typed.layer_types, file);
		return {
			...{ ropeTheta: rotations.at(-1)?.theta ?? 1e6, ropeScaling: null },
			...statedBias(raw),
			windows: readWindows(
				typed,
				{ window: statedWindow(raw), firstSliding: 0, mixes: true },
				file,
			),
			rotations,
			recipe: {
				norms: {
					...{ beforeAttention: 'input_layernorm', afterAttention: 'post_attention_layernorm' },
					...{ beforeMlp: 'pre_feedforward_layernorm', afterMlp: 'post_feedforward_layernorm' },
				},
				...{ gain: 'one plus weight', queryKeyNorm: 'head', mlp: 'geglu' },
				scales: {
					...{ embedding: embeddingScale(raw), attention: scalar ** -0.5, residual: 1, logits: 1 },
				},
			},
		};
	},
};
