/** Figures train what the method says, for any depth; what they share is one run. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runId } from '../../contract/runId.ts';
import type { RunSpec } from '../../contract/spec.ts';
import { layerSet } from '../../selection/positional.ts';
import { defaultSpec } from '../defaults.ts';
import { expand, type FigureSetting, pointSpec, ranges } from './expand.ts';
import { type FigureId, figureIn, type PaperFigure } from './figure.ts';
import { figures } from './figures.ts';
import { named } from './named.ts';

const adapter = { rank: 16, alpha: 16 };
const setting = (layers: number, change: Partial<FigureSetting> = {}): FigureSetting => ({
	...{ layers, cogsymStep: 4, budget: null, adapter, rankings: {} },
	...change,
});
const all = Object.values(figures);

/** Layers by id; `e` and `h` where embedding and head train, `n` the final norm, `>` between stages. */
function trained(figure: PaperFigure, given: FigureSetting): Record<string, string> {
	const text = (selection: RunSpec['selection']) => {
		const set = layerSet(selection, given.layers);
		const ends = [set.embedding ? 'e ' : '', set.head ? ' h' : '', set.finalNorm ? ' n' : ''];
		return `${ends[0]}${ranges(set.layers)}${ends[1]}${ends[2]}`;
	};
	return Object.fromEntries(
		expand(figure, given).map(({ id, stages }) => [id, stages.map(text).join(' > ')]),
	);
}

const golden = '../shared/golden/method/layer_sets_L32.json';
type Sets = Readonly<Record<string, readonly number[]>>;

describe.skipIf(!existsSync(golden))('with the 32 layers of Llama-2-7B', () => {
	const reference = JSON.parse(readFileSync(golden, 'utf8')) as Readonly<
		Record<'front' | 'rear' | 'both_step2' | 'both_step4' | 'position', Sets>
	>;
	const setsOf = (figure: PaperFigure, series: string, change: Partial<FigureSetting> = {}) =>
		Object.fromEntries(
			expand(figure, setting(32, change))
				.filter((point) => point.series === series)
				.map(({ position, stages }) => [String(position), layerSet(stages[0]!, 32).layers]),
		);

	it('sweeps are those of the reference', () => {
		for (const id of ['figure-1', 'figure-2', 'figure-8'] as const) {
			expect(setsOf(figures[id], 'front')).toEqual(reference.front);
			expect(setsOf(figures[id], 'rear')).toEqual(reference.rear);
			expect(setsOf(figures[id], 'cogsym')).toEqual(reference.both_step4);
			expect(setsOf(figures[id], 'cogsym', { cogsymStep: 2 })).toEqual(reference.both_step2);
		}
	});

	it('figure 3 lays CogSym at half its budget', () => {
		const halved = Object.entries(reference.both_step4).map(([k, set]) => [Number(k) / 2, set]);
		expect(setsOf(figures['figure-3'], 'cogsym')).toEqual(Object.fromEntries(halved));
	});

	it('positions are those of the reference', () => {
		const sets = Object.values(setsOf(figures['figure-5'], 'position'));
		expect(sets).toEqual(Object.values(reference.position));
	});
});

it('covers odd depths up to the last layer', () => {
	const points = trained(figures['figure-1'], setting(5));
	expect(points).toEqual({
		...{ base: '', full: 'e 0-4 h n', 'front-2': 'e 0-1', 'front-4': 'e 0-3', 'front-5': 'e 0-4' },
		...{ 'rear-2': '3-4 h', 'rear-4': '1-4 h', 'rear-5': '0-4 h' },
		...{ 'cogsym-4': 'e 0-1, 3-4 h', 'cogsym-5': 'e 0-4 h' },
	});
});

it('trains a quarter in figures of one budget, or what is asked for', () => {
	const rankings = {
		fisher: { ranking: [3, 2, 0, 7, 1, 4, 5, 6] },
		'heavy-tail': { ranking: [7, 0, 1, 2, 3, 4, 5, 6] },
	};
	expect(trained(figures['figure-6'], setting(8, { rankings }))).toEqual({
		...{ base: '', 'cogsym-2': 'e 0, 7 h', 'fisher-2': 'e 2-3 h', 'heavy-tail-2': 'e 0, 7 h' },
		full: 'e 0-7 h n',
	});
	expect(trained(figures['figure-9'], setting(8, { budget: 4 }))).toMatchObject({
		...{ 'front-rear-4': 'e 0-1 > 6-7 h', 'rear-front-4': '6-7 h > e 0-1' },
		'cogsym-4': 'e 0-1, 6-7 h',
	});
});

it('adapters replace full training in figure 8 only, and never in the two references', () => {
	for (const figure of all) {
		const adapted = expand(figure, setting(8)).filter((point) => point.adapter !== null);
		const lines = new Set(adapted.map(({ series }) => series));
		expect([...lines]).toEqual(figure.id === 'figure-8' ? ['front', 'rear', 'cogsym'] : []);
	}
});

describe('runs', () => {
	const base = defaultSpec(
		{ id: 'm', parameters: 7e9, config: { layers: 8, contextLength: 512 } },
		{ id: 'd', rows: 1000 },
	);
	const runs = async (id: FigureId) => {
		const rankings = { fisher: { ranking: [0, 7, 1, 2, 3, 4, 5, 6] } };
		const points = expand(figures[id], setting(8, { rankings, budget: 4 }));
		const pairs = points.map(async (point) => {
			const spec = pointSpec(point, base);
			return [point.id, spec && (await runId(spec))] as const;
		});
		return Object.fromEntries(await Promise.all(pairs)) as Record<string, string | null>;
	};

	it('are shared between figures wherever the same layers train', async () => {
		const [first, third, fifth] = await Promise.all(
			(['figure-1', 'figure-3', 'figure-5'] as const).map(runs),
		);
		expect(third).toEqual(first);
		expect(fifth!['position-0']).toBe(first!['cogsym-4']);
		expect(fifth!.full).toBe(first!.full);
		expect(new Set(Object.values(first!)).size).toBe(Object.keys(first!).length);
	});

	it('differ where adapters or stages differ', async () => {
		const [first, eighth, ninth] = await Promise.all(
			(['figure-1', 'figure-8', 'figure-9'] as const).map(runs),
		);
		expect(eighth!['lora-front-4']).not.toBe(first!['front-4']);
		expect(eighth!.full).toBe(first!.full);
		expect(ninth!['front-rear-4']).not.toBe(ninth!['rear-front-4']);
	});

	it('say nothing of stages and adapters they do not have', () => {
		const [, front] = expand(figures['figure-1'], setting(8));
		const spec = pointSpec(front!, { ...base, stages: [{ method: 'full' }] });
		expect(spec).toEqual({ ...base, selection: { method: 'front', k: 2 } });
	});
});

it('names a set of layers in one way', () => {
	const both = { embedding: true, head: true, finalNorm: false };
	expect(named({ method: 'position', k: 4, position: 0 }, 8)).toEqual({ method: 'cogsym', k: 4 });
	expect(named({ method: 'layers', layers: [7, 0], ...both }, 8)).toEqual({
		method: 'cogsym',
		k: 2,
	});
	expect(named({ method: 'layers', layers: [0, 1], ...both, head: false }, 8)).toEqual({
		...{ method: 'front', k: 2 },
	});
	const inner = { method: 'layers', layers: [3, 4], ...both } as const;
	expect(named({ ...inner, layers: [4, 3, 4] }, 8)).toEqual(inner);
});

it('every figure says what it asks, and whether it was run here', () => {
	expect(Object.keys(figures)).toHaveLength(9);
	for (const [id, figure] of Object.entries(figures)) {
		expect(figure.id).toBe(id);
		expect(figure.question).toMatch(/\?$/);
		expect(figure.expectation.length).toBeGreaterThan(10);
		const points = expand(figure, setting(8));
		expect(new Set(points.map((point) => point.id)).size).toBe(points.length);
	}
});

it('refuses a model without two ends', () => {
	expect(() => expand(figures['figure-1'], setting(1))).toThrow(/1; take one with 2 or more/);
});

it('says its language in the title, whichever is asked for', () => {
	expect(figureIn(figures['figure-1'], 'sundanese')).toMatchObject({
		...{ title: 'Front, rear and CogSym, Sundanese', language: 'sundanese' },
	});
});
