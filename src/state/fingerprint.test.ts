import { expect, test } from 'vitest';
import type { TensorChange } from '../contract/training.ts';
import { fingerprint, stillTensors } from './fingerprint.ts';

const tensor = (name: string, change: number, norm: number): TensorChange => ({
	name,
	trainable: change > 0,
	change,
	norm,
	before: 'a',
	after: change > 0 ? 'b' : 'a',
});

test('parts come in the order of the signal, tensors of a part add up as one vector', () => {
	const parts = fingerprint({
		frozenUnchanged: true,
		tensors: [
			tensor('lm_head.weight', 1, 4),
			tensor('model.norm.weight', 0, 3),
			tensor('model.layers.10.mlp.up_proj.weight', 0, 5),
			tensor('model.layers.2.self_attn.q_proj.weight', 3, 6),
			tensor('model.layers.2.mlp.up_proj.weight', 4, 8),
			tensor('model.embed_tokens.weight', 0.5, 5),
		],
	});
	expect(parts.map(({ name }) => name)).toEqual([
		'Embedding',
		'Layer 2',
		'Layer 10',
		'Final norm',
		'Output head',
	]);
	expect(parts.map(({ relative }) => relative)).toEqual([0.1, 0.5, 0, 0, 0.25]);
	expect(parts.map(({ trainable }) => trainable)).toEqual([true, true, false, false, true]);
});

test('tensors that were to train and did not change are named, frozen ones are not', () => {
	const still = { ...tensor('b', 0, 1), trainable: true };
	const tensors = [tensor('a', 1, 1), still, tensor('c', 0, 1)];
	expect(stillTensors({ frozenUnchanged: true, tensors })).toEqual(['b']);
});
