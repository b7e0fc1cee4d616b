/** Selections of any size: layers of the model, each once, as many as asked for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Selection } from '../contract/spec.ts';
import { trainableNames } from '../engine/plan/plan.ts';
import { lastPosition, layerSet, positionalRanking } from './positional.ts';
import { bestLayers, rankLayers } from './ranking.ts';

const sizes = fc
	.integer({ min: 1, max: 80 })
	.chain((layers) => fc.tuple(fc.constant(layers), fc.integer({ min: 1, max: layers })));

test('every selection that fits has k layers of the model in rising order', () => {
	fc.assert(
		fc.property(sizes, fc.nat(40), ([layers, k], far) => {
			const position = Math.min(far, lastPosition(layers, k));
			const selections: Selection[] = [
				...(['front', 'rear', 'cogsym'] as const).map((method) => ({ method, k })),
				{ method: 'position', k, position },
			];
			for (const selection of selections) {
				const set = layerSet(selection, layers);
				expect(set.layers).toHaveLength(k);
				expect(set.layers).toEqual([...new Set(set.layers)].sort((a, b) => a - b));
				expect(set.layers.every((layer) => layer >= 0 && layer < layers)).toBe(true);
			}
		}),
	);
});

test('what does not fit is refused by name', () => {
	fc.assert(
		fc.property(sizes, fc.integer({ min: 1, max: 40 }), ([layers, k], more) => {
			const wrong: Selection[] = [
				{ method: 'cogsym', k: layers + more },
				{ method: 'front', k: layers + more },
				{ method: 'position', k, position: lastPosition(layers, k) + more },
			];
			for (const selection of wrong)
				expect(() => layerSet(selection, layers)).toThrow(
					expect.objectContaining({ name: 'BadInput' }) as Error,
				);
		}),
	);
});

test('position 0 is CogSym, and front and rear together are the whole model', () => {
	fc.assert(
		fc.property(sizes, ([layers, k]) => {
			const position = layerSet({ method: 'position', k, position: 0 }, layers);
			expect(position).toEqual(layerSet({ method: 'cogsym', k }, layers));
			const front = layerSet({ method: 'front', k }, layers).layers;
			const rest = k === layers ? [] : layerSet({ method: 'rear', k: layers - k }, layers).layers;
			expect([...front, ...rest]).toEqual(layerSet({ method: 'full' }, layers).layers);
			expect([...positionalRanking(layers)].sort((a, b) => a - b)).toEqual([...front, ...rest]);
		}),
	);
});

test('a ranking holds every layer once, the best ones are its beginning', () => {
	const scores = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 });
	fc.assert(
		fc.property(scores, fc.nat(40), (given, k) => {
			const ranking = rankLayers(given);
			expect([...ranking].sort((a, b) => a - b)).toEqual([...given.keys()]);
			for (const [place, layer] of ranking.slice(1).entries())
				expect(given[ranking[place]!]!).toBeGreaterThanOrEqual(given[layer]!);
			const best = bestLayers(ranking, Math.min(k, given.length));
			expect(best).toEqual(ranking.slice(0, best.length).sort((a, b) => a - b));
		}),
	);
});

test('what trains is what the set names, embedding and head one matrix where they are tied', () => {
	const parameters = (layers: number, tied: boolean) => [
		...['model.embed_tokens.weight', 'model.norm.weight'].map((name) => ({ name, shape: [1] })),
		...(tied ? [] : [{ name: 'lm_head.weight', shape: [1] }]),
		...Array.from({ length: layers }, (_, layer) => ({
			name: `model.layers.${layer}.mlp.up_proj.weight`,
			shape: [1],
		})),
	];
	fc.assert(
		fc.property(sizes, fc.boolean(), ([layers, k], tied) => {
			const set = layerSet({ method: 'rear', k }, layers);
			const names = trainableNames(set, parameters(layers, tied));
			expect(names.size).toBe(k + 1);
			expect(names.has(tied ? 'model.embed_tokens.weight' : 'lm_head.weight')).toBe(true);
			for (const layer of set.layers)
				expect(names.has(`model.layers.${layer}.mlp.up_proj.weight`)).toBe(true);
		}),
	);
});
