/** Granite 3 (IBM 2024): Llama's block with factors on embedding, scores, branches and logits. */
import { badFile } from '../../../contract/errors.ts';
import { plainRecipe } from '../recipe.ts';
import { type Family, numberOf, statedBias } from './family.ts';
import { readRope } from './rope.ts';
import { noWindows } from './windows.ts';

const factors = [
	'embedding_multiplier',
	'attention_multiplier',
	'residual_multiplier',
	'logits_scaling',
] as const;

export const granite: Family = {
	type: 'granite',
	label: 'Granite',
	known: 'Granite 3',
	architecture: 'GraniteForCausalLM',
	defaults: {
		...{ keyValueHeads: null, headDim: null, contextLength: 2048, rmsNormEpsilon: 1e-6 },
		...{ tiedEmbeddings: false, bos: 1, eos: 2 },
	},
	slides: false,
	keys: factors,
	traits: (raw, contextLength, file) => {
		const [embedding, attention, residual, logits] = factors.map((key) =>
			numberOf(raw, key, 1, file),
		) as [number, number, number, number];
		if (logits === 0) throw badFile(file, '"logits_scaling" is 0, by which logits are divided');
		return {
			...readRope(raw, contextLength, file),
			...statedBias(raw),
			windows: noWindows(raw, file),
			recipe: {
				...plainRecipe,
				scales: { embedding, attention, residual, logits: 1 / logits },
			},
		};
	},
};
