import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
	defaultBudget,
	lastPosition,
	layerSet,
	positionalRanking,
	selectedLayers,
} from './positional.ts';
import { bestLayers } from './ranking.ts';

test('front trains the embedding, rear the head, CogSym both, full everything', () => {
	expect(layerSet({ method: 'front', k: 2 }, 5)).toEqual({
		layers: [0, 1],
		embedding: true,
		head: false,
		finalNorm: false,
	});
	expect(layerSet({ method: 'rear', k: 2 }, 5)).toEqual({
		layers: [3, 4],
		embedding: false,
		head: true,
		finalNorm: false,
	});
	expect(layerSet({ method: 'cogsym', k: 3 }, 5)).toEqual({
		...{ layers: [0, 1, 4], embedding: true, head: true, finalNorm: false },
	});
	expect(layerSet({ method: 'full' }, 2)).toEqual({
		layers: [0, 1],
		embedding: true,
		head: true,
		finalNorm: true,
	});
});

test('positions move both regions inwards until they meet', () => {
	const at = (position: number) => layerSet({ method: 'position', k: 8, position }, 32).layers;
	expect(at(0)).toEqual([0, 1, 2, 3, 28, 29, 30, 31]);
	expect(at(1)).toEqual([4, 5, 6, 7, 24, 25, 26, 27]);
	expect(at(3)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
	expect(lastPosition(32, 8)).toBe(3);
	expect(() => at(4)).toThrow('at most 3');
});

test('the first of its ranking are CogSym’s, whatever the budget', () => {
	for (const layers of [1, 2, 5, 8])
		for (let k = 1; k <= layers; k++)
			expect(bestLayers(positionalRanking(layers), k)).toEqual(
				layerSet({ method: 'cogsym', k }, layers).layers,
			);
});

test('a quarter of the layers, even', () => {
	expect([32, 30, 28, 24, 16, 8, 5, 1].map(defaultBudget)).toEqual([8, 8, 8, 6, 4, 2, 2, 1]);
});

test('layers chosen by hand come once, in order, with what is chosen beside them', () => {
	const chosen = { method: 'layers', embedding: true, head: false, finalNorm: true } as const;
	expect(layerSet({ ...chosen, layers: [10, 2, 10] }, 12)).toEqual({
		...{ layers: [2, 10], embedding: true, head: false, finalNorm: true },
	});
	expect(layerSet({ ...chosen, layers: [] }, 12).layers).toEqual([]);
});

test('a run in stages selects the layers of all of them', () => {
	const stages = [{ method: 'rear', k: 2 } as const];
	expect(selectedLayers({ selection: { method: 'front', k: 2 }, stages }, 3)).toEqual([0, 1, 2]);
	expect(selectedLayers({ selection: { method: 'rear', k: 1 } }, 3)).toEqual([2]);
});

test('what does not fit is refused with the numbers', () => {
	expect(layerSet({ method: 'front', k: 5 }, 5).layers).toEqual([0, 1, 2, 3, 4]);
	const ends = { embedding: true, head: true, finalNorm: true };
	expect(() => layerSet({ method: 'layers', layers: [5], ...ends }, 5)).toThrow(
		expect.objectContaining({
			name: 'BadInput',
			message: 'Layer 5 does not exist: the model has layers 0 to 4',
		}),
	);
	expect(() => layerSet({ method: 'front', k: 6 }, 5)).toThrow("more than the model's 5 layers");
	expect(() =>
		layerSet(
			{ method: 'layers', layers: [1, 7], embedding: false, head: false, finalNorm: false },
			5,
		),
	).toThrow('Layer 7 does not exist');
});

const file = '../shared/golden/method/layer_sets_L32.json';
describe.skipIf(!existsSync(file))('published layer sets for 32 layers', () => {
	test('begs, ends, both', () => {
		const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
		expect(Object.keys(golden).length).toBeGreaterThan(0);
		const text = JSON.stringify(golden);
		expect(text).toContain(JSON.stringify(layerSet({ method: 'cogsym', k: 8 }, 32).layers));
	});
});
