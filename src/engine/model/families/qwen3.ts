/** Qwen3 (Yang et al. 2025): norms of every head of q and k. */
import { plainRecipe } from '../recipe.ts';
import { type Family, statedBias } from './family.ts';
import { upperWindows } from './qwen2.ts';
import { readRope } from './rope.ts';

export const qwen3: Family = {
	type: 'qwen3',
	label: 'Qwen3',
	known: '',
	architecture: 'Qwen3ForCausalLM',
	defaults: {
		...{ keyValueHeads: 32, headDim: 128, contextLength: 32768, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: false, bos: null, eos: null },
	},
	slides: true,
	keys: [],
	traits: (raw, contextLength, file) => ({
		...readRope(raw, contextLength, file),
		...statedBias(raw),
		windows: upperWindows(raw, file),
		recipe: { ...plainRecipe, queryKeyNorm: 'head' },
	}),
};
