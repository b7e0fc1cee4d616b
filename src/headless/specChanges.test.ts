/** Flags must become exactly the fields they state. */
import { describe, expect, it } from 'vitest';
import { overlay, specChanges } from './specChanges.mjs';

describe('specChanges', () => {
	it('states nothing where no flag was given', () => {
		expect(specChanges({})).toEqual({});
	});

	it('groups fields and keeps null and 0', () => {
		const flags = {
			clip: null,
			warmup: 0,
			select: 'cogsym',
			k: 4,
			heldOut: { rows: 60, sequences: null },
		};
		expect(specChanges(flags)).toEqual({
			selection: { method: 'cogsym', k: 4 },
			data: { heldOut: { rows: 60, sequences: null } },
			optimizer: { clipNorm: null },
			schedule: { warmupSteps: 0 },
		});
	});

	it('selects explicit layers', () => {
		expect(specChanges({ layers: [0, 3], head: true })).toEqual({
			selection: {
				method: 'layers',
				layers: [0, 3],
				embedding: false,
				head: true,
				finalNorm: false,
			},
		});
	});

	it('refuses flags that contradict each other', () => {
		expect(() => specChanges({ layers: [0], select: 'rear' })).toThrow(/exclude/);
		expect(() => specChanges({ k: 2 })).toThrow(/--select/);
		expect(() => specChanges({ embedding: true })).toThrow(/--layers/);
	});
});

describe('overlay', () => {
	it('puts flags over a file, a selection as a whole', () => {
		const file = { selection: { method: 'rear', k: 2 }, data: { loss: 'all', packing: 'rows' } };
		const changes = { selection: { method: 'full' }, data: { packing: 'stream' } };
		expect(overlay(file, changes)).toEqual({
			selection: { method: 'full' },
			data: { loss: 'all', packing: 'stream' },
		});
	});
});
