/** For tests: Llama-2-7B by its shapes alone. */
import { parseConfig } from '../weights/config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import type { PlanModel } from './plan.ts';

const config = parseConfig(
	{
		model_type: 'llama',
		hidden_size: 4096,
		intermediate_size: 11008,
		num_hidden_layers: 32,
		num_attention_heads: 32,
		vocab_size: 32000,
		max_position_embeddings: 4096,
		rms_norm_eps: 1e-5,
	},
	'config.json',
);

export const llama7b: PlanModel = { config, shapes: parameterShapes(config) };
