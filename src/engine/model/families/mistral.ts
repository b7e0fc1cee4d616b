/** Mistral (Jiang et al. 2023): every layer slides. */
import { plainRecipe } from '../recipe.ts';
import type { Family } from './family.ts';
import { readRope } from './rope.ts';
import { readWindows, statedWindow } from './windows.ts';

export const mistral: Family = {
	type: 'mistral',
	label: 'Mistral',
	known: '',
	architecture: 'MistralForCausalLM',
	defaults: {
		...{ keyValueHeads: 8, headDim: null, contextLength: 131072, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: false, bos: 1, eos: 2 },
	},
	slides: true,
	keys: [],
	traits: (raw, contextLength, file) => ({
		...readRope(raw, contextLength, file),
		...{ queryKeyValueBias: false, outputBias: false },
		windows: readWindows(raw, { window: statedWindow(raw), firstSliding: 0, mixes: false }, file),
		recipe: plainRecipe,
	}),
};
