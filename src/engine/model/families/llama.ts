/** Llama (Touvron et al. 2023), Llama 3 with its scaled rotation, and what says of itself that it is one. */
import { plainRecipe } from '../recipe.ts';
import { type Family, statedBias } from './family.ts';
import { readRope } from './rope.ts';
import { noWindows } from './windows.ts';

export const llama: Family = {
	type: 'llama',
	label: 'Llama',
	known: 'Llama 2, 3, 3.1, 3.2, 3.3, SmolLM2',
	architecture: 'LlamaForCausalLM',
	defaults: {
		...{ keyValueHeads: null, headDim: null, contextLength: 2048, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: false, bos: 1, eos: 2 },
	},
	slides: false,
	keys: [],
	traits: (raw, contextLength, file) => ({
		...readRope(raw, contextLength, file),
		...statedBias(raw),
		windows: noWindows(raw, file),
		recipe: plainRecipe,
	}),
};
