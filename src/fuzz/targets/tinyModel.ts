/** A model of a few numbers, whole. */
import { parseConfig } from '../../weights/config.ts';
import { parameterShapes } from '../../engine/model/recipe.ts';
import { encodeSafetensors, type NamedTensor } from '../../weights/encode.ts';
import { type Bytes, joined } from '../target.ts';

export const tinyConfig = {
	architectures: ['LlamaForCausalLM'],
	model_type: 'llama',
	hidden_size: 4,
	intermediate_size: 6,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	num_key_value_heads: 1,
	vocab_size: 8,
	max_position_embeddings: 64,
	rms_norm_eps: 1e-5,
	rope_theta: 10000,
	tie_word_embeddings: false,
	bos_token_id: 1,
	eos_token_id: [2, 3],
};

export const tinyShapes = parameterShapes(parseConfig(tinyConfig, 'config.json'));

export const filled = (name: string, ...shape: number[]): NamedTensor => ({
	name,
	shape,
	data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 8 - 1),
});

/** A file of safetensors. */
export const safetensorsOf = (
	tensors: readonly NamedTensor[],
	dtype: 'F32' | 'BF16' = 'F32',
): Bytes => joined(encodeSafetensors(tensors, { format: 'pt' }, dtype));

export const tinyWeights = (): Bytes =>
	safetensorsOf(tinyShapes.map(({ name, shape }) => filled(name, ...shape)));
