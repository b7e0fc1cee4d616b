/** SmolLM3 (Bakouch et al. 2025): Llama's block; some layers, every fourth as a rule, do not rotate. */
import { badFile } from '../../../contract/errors.ts';
import { shownValue } from '../../../contract/shownValue.ts';
import type { Rotation } from '../../../contract/model.ts';
import { plainRecipe } from '../recipe.ts';
import { type Family, countOf, type RawConfig, statedBias } from './family.ts';
import { readRope } from './rope.ts';
import { noWindows } from './windows.ts';

/** `no_rope_layers` says 1 of a layer that rotates, against its name, and wins over the interval. */
function rotates(raw: RawConfig, file: string): boolean[] {
	const list = raw['no_rope_layers'] ?? null;
	const layers = Array.from({ length: raw.num_hidden_layers }, (_, layer) => layer);
	if (list === null) {
		const interval = countOf(raw, 'no_rope_layer_interval', 4, file);
		return layers.map((layer) => (layer + 1) % interval !== 0);
	}
	if (!Array.isArray(list) || list.length < layers.length)
		throw badFile(file, '"no_rope_layers" is no list with an entry for every layer');
	return layers.map((layer) => {
		const entry: unknown = list[layer];
		if (entry === 0 || entry === 1) return entry === 1;
		throw badFile(file, `"no_rope_layers"[${layer}] is ${shownValue(entry)}, expected 0 or 1`);
	});
}

export const smollm3: Family = {
	type: 'smollm3',
	label: 'SmolLM3',
	known: '',
	architecture: 'SmolLM3ForCausalLM',
	defaults: {
		...{ keyValueHeads: 4, headDim: null, contextLength: 32768, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: true, bos: 128000, eos: 128001 },
	},
	slides: true,
	keys: ['no_rope_layers', 'no_rope_layer_interval'],
	traits: (raw, contextLength, file) => {
		if (raw.use_sliding_window === true && (raw.sliding_window ?? null) !== null)
			throw badFile(file, '"use_sliding_window": true is not supported of this model type');
		const rope = readRope(raw, contextLength, file, 2e6);
		const rotation: Rotation = { theta: rope.ropeTheta, scaling: rope.ropeScaling };
		return {
			...rope,
			...statedBias(raw),
			windows: noWindows(raw, file),
			recipe: plainRecipe,
			rotations: rotates(raw, file).map((does) => (does ? rotation : null)),
		};
	},
};
