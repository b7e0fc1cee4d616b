/** Scores that were published for Llama-2-7B: with 32 layers of 4096 columns, they are dear to make again. */
import type { ModelConfig } from '../contract/model.ts';
import type { LayerScores } from '../contract/selection.ts';
import data from './llama2-7b.json' with { type: 'json' };
import { rankLayers } from './ranking.ts';

/** Languages whose neurons CogSym sums. */
const summed = ['zh', 'fr', 'id', 'es'] as const;

/** Linear layers of a decoder layer. */
const matrices = 7;

export interface PublishedScores extends LayerScores {
	readonly model: string;
	/** Repository and file the numbers are from. */
	readonly source: string;
}

/** Whether a model is shaped like the one whose scores were published. */
export const publishedModel = (config: ModelConfig): boolean =>
	config.family === data.family &&
	config.layers === 32 &&
	config.hiddenSize === 4096 &&
	config.intermediateSize === 11008;

/** Mean exponents (cut at the peak), or neurons summed over Chinese, French, Indonesian and Spanish. */
export function publishedScores(method: 'heavy-tail' | 'lape'): PublishedScores {
	const { model, heavyTail, lape } = data;
	if (method === 'heavy-tail') {
		const { exponents, source } = heavyTail;
		const scores = Array.from({ length: exponents.length / matrices }, (_, layer) => {
			const own = exponents.slice(layer * matrices, (layer + 1) * matrices);
			return own.reduce((sum, alpha) => sum + alpha, 0) / matrices;
		});
		return { model, source, scores, ranking: rankLayers(scores), languages: [] };
	}
	const languages = summed.map((language) => ({
		language,
		tokens: null,
		neurons: lape.neurons[language],
	}));
	const scores = lape.neurons.zh.map((_, layer) =>
		languages.reduce((sum, { neurons }) => sum + (neurons[layer] ?? 0), 0),
	);
	return { model, source: lape.source, scores, ranking: rankLayers(scores), languages };
}
