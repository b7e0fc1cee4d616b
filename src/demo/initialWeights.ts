/** Random weights to begin pretraining with. */
import type { ModelConfig } from '../contract/model.ts';
import { createRandom, normal } from '../engine/random.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import type { NamedTensor } from '../weights/encode.ts';

const standardDeviation = 0.02;

/**
 * Every parameter of the model, in file order. Matrices are normal with standard deviation 0.02; those that write into
 * the residual stream are divided by the root of the number of such writes, 2 a layer (Radford et al. 2019, GPT-2).
 * Norms are 1, biases 0. The same seed gives the same weights.
 */
export function initialWeights(config: ModelConfig, seed: number): NamedTensor[] {
	const random = createRandom(seed);
	return parameterShapes(config).map(({ name, shape }) => {
		const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
		if (name.endsWith('.bias')) return { name, shape, data };
		if (name.endsWith('norm.weight')) return { name, shape, data: data.fill(1) };
		const isResidual = /\.(o_proj|down_proj)\.weight$/.test(name);
		const scale = standardDeviation / (isResidual ? Math.sqrt(2 * config.layers) : 1);
		return { name, shape, data: data.map(() => scale * normal(random)) };
	});
}
