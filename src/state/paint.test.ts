import { describe, expect, test } from 'vitest';
import type { LayerSet } from '../contract/spec.ts';
import {
	cellsOf,
	describeSelection,
	describeSet,
	fitSelection,
	isEmpty,
	paintCell,
	ranges,
	trains,
} from './paint.ts';

const set: LayerSet = { layers: [0, 3], embedding: true, head: false, finalNorm: false };
const cells = cellsOf(4);
const cell = (id: string) => cells.find((one) => one.id === id)!;

describe('cells', () => {
	test('follow the signal from embedding to head', () => {
		expect(cells.map(({ name }) => name)).toEqual([
			'Embedding',
			'Layer 0',
			'Layer 1',
			'Layer 2',
			'Layer 3',
			'Final norm',
			'Output head',
		]);
	});
	test('show what a set trains', () => {
		expect(cells.filter((one) => trains(set, one)).map(({ id }) => id)).toEqual([
			'embedding',
			'layer-0',
			'layer-3',
		]);
	});
});

describe('painting', () => {
	test('adds a layer in order and keeps the rest', () => {
		expect(paintCell(set, cell('layer-2'), true)).toEqual({
			method: 'layers',
			layers: [0, 2, 3],
			embedding: true,
			head: false,
			finalNorm: false,
		});
	});
	test('paints a painted layer once only, and wipes it', () => {
		expect(paintCell(set, cell('layer-3'), true).layers).toEqual([0, 3]);
		expect(paintCell(set, cell('layer-3'), false).layers).toEqual([0]);
	});
	test('reaches embedding, norm and head without touching layers', () => {
		expect(paintCell(set, cell('embedding'), false)).toMatchObject({
			embedding: false,
			layers: [0, 3],
		});
		expect(paintCell(set, cell('norm'), true)).toMatchObject({ finalNorm: true, head: false });
		expect(paintCell(set, cell('head'), true)).toMatchObject({ finalNorm: false, head: true });
	});
	test('knows when nothing is left', () => {
		expect(isEmpty({ layers: [], embedding: false, head: false, finalNorm: false })).toBe(true);
		expect(isEmpty({ layers: [], embedding: false, head: false, finalNorm: true })).toBe(false);
	});
});

describe('presets', () => {
	test('are kept within a smaller model', () => {
		expect(fitSelection({ method: 'cogsym', k: 8 }, 5)).toEqual({ method: 'cogsym', k: 5 });
		expect(fitSelection({ method: 'position', k: 8, position: 3 }, 16)).toEqual({
			method: 'position',
			k: 8,
			position: 1,
		});
		expect(
			fitSelection(
				{ method: 'layers', layers: [1, 9], embedding: false, head: true, finalNorm: false },
				5,
			),
		).toMatchObject({ layers: [1] });
	});
	test('are named shortly', () => {
		expect(describeSelection({ method: 'cogsym', k: 4 })).toBe('CogSym 4');
		expect(describeSelection({ method: 'rear', k: 2 })).toBe('rear 2');
		expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0–2, 5, 7–8');
	});
	test('are spoken in a sentence', () => {
		expect(describeSet(set, { layers: 4 })).toBe('Trains the embedding and layers 0, 3.');
		expect(
			describeSet(
				{ layers: [0, 1, 2, 3], embedding: true, head: true, finalNorm: true },
				{ layers: 4 },
			),
		).toBe('Trains the embedding, all 4 layers, the final norm and the output head.');
	});
});
