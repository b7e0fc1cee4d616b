/** Apertus (Swiss AI 2025): an mlp without gate whose activation (xIELU) trains, norms of every head of q and k. */
import { badFile } from '../../../contract/errors.ts';
import { plainRecipe } from '../recipe.ts';
import { type Family, type RawConfig, statedBias } from './family.ts';
import { readRope } from './rope.ts';
import { noWindows } from './windows.ts';

const isEmpty = (settings: object | null | undefined) => Object.keys(settings ?? {}).length === 0;

/** Without any settings the rotation is scaled, and `rope_theta` beside them is not read. */
function rope(raw: RawConfig, contextLength: number, file: string) {
	if (!isEmpty(raw.rope_scaling) || !isEmpty(raw.rope_parameters))
		return readRope(raw, contextLength, file, 1.2e7);
	return {
		ropeTheta: 1.2e7,
		ropeScaling: {
			...{ factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4 },
			originalContextLength: 8192,
		},
	};
}

export const apertus: Family = {
	type: 'apertus',
	label: 'Apertus',
	known: '',
	architecture: 'ApertusForCausalLM',
	defaults: {
		...{ keyValueHeads: null, headDim: null, contextLength: 65536, rmsNormEpsilon: 1e-5 },
		...{ tiedEmbeddings: false, bos: 1, eos: 2 },
	},
	// All but the first are in published files, and nothing reads them.
	slides: false,
	keys: ['hidden_act', 'qk_norm', 'post_norm', 'hidden_dropout', 'mlp_bias'],
	traits: (raw, contextLength, file) => {
		if ((raw.hidden_act ?? 'xielu') !== 'xielu')
			throw badFile(file, `"hidden_act": "${raw.hidden_act}" is not supported; needed is xielu`);
		return {
			...rope(raw, contextLength, file),
			...statedBias(raw),
			windows: noWindows(raw, file),
			recipe: {
				...plainRecipe,
				norms: {
					...{ beforeAttention: 'attention_layernorm', afterAttention: null },
					...{ beforeMlp: 'feedforward_layernorm', afterMlp: null },
				},
				queryKeyNorm: 'head',
				mlp: 'xielu',
			},
		};
	},
};
