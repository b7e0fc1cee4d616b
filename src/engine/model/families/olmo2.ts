/** OLMo 2 (OLMo team 2025): norms of what attention and mlp give, and of the whole rows of q and k. */
import { plainRecipe } from '../recipe.ts';
import { type Family, statedBias } from './family.ts';
import { readRope } from './rope.ts';
import { noWindows } from './windows.ts';

export const olmo2: Family = {
	type: 'olmo2',
	label: 'OLMo 2',
	known: '',
	architecture: 'Olmo2ForCausalLM',
	defaults: {
		...{ keyValueHeads: null, headDim: null, contextLength: 2048, rmsNormEpsilon: 1e-5 },
		...{ tiedEmbeddings: false, bos: null, eos: 50279 },
	},
	slides: false,
	keys: [],
	traits: (raw, contextLength, file) => ({
		...readRope(raw, contextLength, file),
		...statedBias(raw),
		windows: noWindows(raw, file),
		recipe: {
			...plainRecipe,
			norms: {
				...{ beforeAttention: null, afterAttention: 'post_attention_layernorm' },
				...{ beforeMlp: null, afterMlp: 'post_feedforward_layernorm' },
			},
			queryKeyNorm: 'row',
		},
	}),
};
