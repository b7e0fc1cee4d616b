/** Qwen2 (Yang et al. 2024): biases on q, k and v, windows in the upper layers where they are switched on. */
import { plainRecipe } from '../recipe.ts';
import type { Family, RawConfig } from './family.ts';
import { readRope } from './rope.ts';
import { readWindows, statedWindow } from './windows.ts';

/** Layers `layer_types` or, from `max_window_layers` on, `use_sliding_window` say. */
export const upperWindows = (raw: RawConfig, file: string): (number | null)[] =>
	readWindows(
		raw,
		{
			window: raw.use_sliding_window === true ? statedWindow(raw) : null,
			firstSliding: raw.max_window_layers ?? 28,
			mixes: true,
		},
		file,
	);

export const qwen2: Family = {
	type: 'qwen2',
	label: 'Qwen2',
	known: 'Qwen2, Qwen2.5',
	architecture: 'Qwen2ForCausalLM',
	defaults: {
		...{ keyValueHeads: 32, headDim: null, contextLength: 32768, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: false, bos: null, eos: null },
	},
	slides: true,
	keys: [],
	traits: (raw, contextLength, file) => ({
		...readRope(raw, contextLength, file),
		...{ queryKeyValueBias: true, outputBias: false },
		windows: upperWindows(raw, file),
		recipe: plainRecipe,
	}),
};
