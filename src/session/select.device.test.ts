import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LayerScores, ScoreRequest } from '../contract/selection.ts';
import type { Progress } from '../contract/progress.ts';
import type { Ops } from '../engine/ops.ts';
import { tinyBlock } from '../engine/testing.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import type { LoadedModel } from './model.ts';
import { scoreLayers } from './select.ts';
import { loadTinyModel } from './testRun.ts';

let ops: Ops;
let model: LoadedModel;
beforeAll(async () => {
	ops = await createWasmOps();
	model = await loadTinyModel(ops);
});
afterAll(() => {
	model.release();
	expect(ops.memory().tensors, 'tensors left over').toBe(0);
	ops.dispose();
});

const english = { language: 'English', texts: ['the cat sees the dog', 'the bird sings'] };
const german = { language: 'German', texts: ['die katze sieht den hund'] };
const requests: ScoreRequest[] = [
	{ method: 'heavy-tail', cut: 'median' },
	{ method: 'heavy-tail', cut: 'peak' },
	{ method: 'fisher', block: tinyBlock(3), rows: 3, aggregation: 'sum' },
	{ method: 'lape', languages: [english, german] },
];

async function run(request: ScoreRequest): Promise<LayerScores & { progress: Progress[] }> {
	const progress: Progress[] = [];
	const onProgress = (report: Progress) => progress.push(report);
	const scores = await scoreLayers(ops, model, request, { onProgress, check: () => undefined });
	return { ...scores, progress };
}

test.each(requests)('scores and ranks all layers: $method', async (request) => {
	const { scores, ranking, progress } = await run(request);
	expect(scores).toHaveLength(4);
	expect(scores.every(Number.isFinite)).toBe(true);
	expect(Math.max(...scores)).toBeGreaterThan(0);
	expect(ranking[0]).toBe(scores.indexOf(Math.max(...scores)));
	expect([...ranking].sort()).toEqual([0, 1, 2, 3]);
	const { done, total } = progress.at(-1)!;
	expect(done).toBe(total);
	expect((await run(request)).scores).toEqual(scores);
});

test('neurons of a layer are those of its languages together', async () => {
	const { scores, languages } = await run({ method: 'lape', languages: [english, german] });
	const tokens = (texts: readonly string[]) =>
		texts.flatMap((text) => model.needTokenizer().encode(text, { special: false })).length;
	expect(languages.map(({ language, tokens: count }) => [language, count])).toEqual([
		['English', tokens(english.texts)],
		['German', tokens(german.texts)],
	]);
	const sums = scores.map((_, layer) =>
		languages.reduce((sum, { neurons }) => sum + neurons[layer]!, 0),
	);
	expect(sums).toEqual(scores);
});

test.each(requests)('ends on request, and leaves nothing behind: $method', async (request) => {
	const before = ops.memory().tensors;
	let asked = 0;
	const check = () => {
		if (++asked > 1) throw Object.assign(new Error('Stopped on request'), { name: 'Cancelled' });
	};
	await expect(
		scoreLayers(ops, model, request, { onProgress: () => undefined, check }),
	).rejects.toMatchObject({ name: 'Cancelled' });
	expect(ops.memory().tensors).toBe(before);
});

test.each([
	[{ method: 'lape', languages: [english] }, /compares languages and got 1/],
	[
		{ method: 'lape', languages: [english, { language: 'Javanese', texts: [''] }] },
		/Javanese: its texts have no token/,
	],
	[
		{ method: 'fisher', block: tinyBlock(3), rows: 250, aggregation: 'sum' },
		/250 rows were asked for, and 3 rows have a token/,
	],
] satisfies [ScoreRequest, RegExp][])(
	'refuses by name what it cannot score',
	async (bad, message) => {
		await expect(run(bad)).rejects.toMatchObject({
			name: 'BadInput',
			message: expect.stringMatching(message) as string,
		});
	},
);
