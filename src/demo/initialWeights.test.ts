import { expect, test } from 'vitest';
import { parseConfig } from '../weights/config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { initialWeights } from './initialWeights.ts';
import { baseConfig } from './recipe.ts';

const config = { ...parseConfig(baseConfig, 'config.json'), layers: 2, queryKeyValueBias: true };
const tensors = initialWeights(config, 7);
const valuesOf = (end: string) =>
	tensors.filter(({ name }) => name.endsWith(end)).flatMap(({ data }) => [...data]);
const deviation = (values: number[]) =>
	Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

test('every parameter of the architecture, in its shape', () => {
	const shapes = parameterShapes(config).map(({ name, shape }) => ({ name, shape }));
	expect(tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(shapes);
	for (const { shape, data } of tensors) {
		expect(data).toHaveLength(shape.reduce((product, length) => product * length, 1));
	}
});

test('the same seed gives the same weights, another seed others', () => {
	expect(initialWeights(config, 7)).toEqual(tensors);
	const [embedding] = initialWeights(config, 8);
	expect(embedding!.data).not.toEqual(tensors[0]!.data);
}, 30_000);

test('norms are 1, biases 0, matrices normal, writes into the residual stream smaller', () => {
	expect(new Set(valuesOf('norm.weight'))).toEqual(new Set([1]));
	expect(new Set(valuesOf('.bias'))).toEqual(new Set([0]));
	for (const name of ['embed_tokens.weight', 'lm_head.weight', 'q_proj.weight', 'up_proj.weight'])
		expect(deviation(valuesOf(name))).toBeCloseTo(0.02, 3);
	for (const name of ['o_proj.weight', 'down_proj.weight'])
		expect(deviation(valuesOf(name))).toBeCloseTo(0.01, 3);
	const gate = valuesOf('gate_proj.weight');
	const beyond = gate.filter((value) => Math.abs(value) > 0.04).length / gate.length;
	expect(beyond).toBeCloseTo(0.0455, 2);
});
