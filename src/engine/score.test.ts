import { expect, test } from 'vitest';
import { expectClose, onEveryBackend } from './kernels/backends.ts';
import { releaseDecoder } from './model/load.ts';
import { createReferenceOps } from './reference/ops.ts';
import { scoreContinuations, sequenceLosses } from './score.ts';
import { tinyDecoder, tokenCountingOps } from './testing.ts';

const texts = [[1, 5, 9], [1, 30, 2, 2, 17, 39, 8, 8, 20], [1, 4], [1], [3, 6, 3, 6, 3]];

/** One text at a time on the reference backend. */
async function oneByOne(sequences: readonly number[][]): Promise<number[]> {
	const ops = createReferenceOps();
	const decoder = await tinyDecoder(ops);
	const losses: number[] = [];
	for (const ids of sequences) losses.push((await sequenceLosses(ops, decoder, [ids]))[0]!.loss);
	return losses;
}

onEveryBackend('scoring', (ops) => {
	test('texts of different lengths together equal one by one', async () => {
		const decoder = await tinyDecoder(ops());
		const scored = await sequenceLosses(ops(), decoder, texts);
		expect(scored.map(({ tokens }) => tokens)).toEqual([2, 8, 1, 0, 4]);
		const expected = await oneByOne(texts);
		expectClose(
			scored.map(({ loss }) => loss),
			expected,
			1e-5,
		);
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});

	test('options are scored after their own prompt only', async () => {
		const decoder = await tinyDecoder(ops());
		const items = [
			{ prompt: [1, 5, 9], options: [[4], [7, 7], [30, 2, 1]] },
			{ prompt: [1, 8], options: [[4], [39]] },
			{ prompt: [1, 8, 3], options: [[4], [4, 6], [4, 6, 9], [5, 6]] },
		];
		let done = 0;
		const scores = await scoreContinuations(ops(), decoder, items, (count) => (done = count));
		const whole = async (ids: number[]) => (await oneByOne([ids]))[0]!;
		for (const [i, { prompt, options }] of items.entries())
			for (const [j, option] of options.entries()) {
				const expected = (await whole(prompt)) - (await whole([...prompt, ...option]));
				expectClose([scores[i]![j]!], [expected], 2e-5);
			}
		expect(done).toBe(3);
		releaseDecoder(ops(), decoder);
	});

	test('what prompts begin with is run once, and a prompt once for its options', async () => {
		const decoder = await tinyDecoder(ops());
		const shots = Array.from({ length: 20 }, (_, i) => (7 * i + 3) % 40);
		const other = Array.from({ length: 18 }, (_, i) => (5 * i + 1) % 40);
		const items = Array.from({ length: 80 }, (_, i) => {
			const prompt = [...(i % 2 === 0 ? shots : other), ...[i % 9, i % 7, i % 3].slice(i % 3)];
			return { prompt, options: [[4], [7, 7, i % 5], [30, 2]] };
		});
		// One that shares nothing and one that is nothing but what is shared.
		items.push({ prompt: [39, 38], options: [[1], [2, 3]] }, { prompt: shots, options: [[5, 5]] });
		const counted = tokenCountingOps(ops(), decoder);
		const heard: number[] = [];
		const scores = await scoreContinuations(counted.ops, decoder, items, (done) => {
			heard.push(done);
		});
		// 80 prompts of 20 tokens, 2 options of more than one token each: less than half of the prompts alone.
		expect(counted.tokens()).toBeLessThan(800);
		for (const [i, { prompt, options }] of items.entries()) {
			const alone: number[] = [];
			for (const option of options)
				alone.push(
					(await scoreContinuations(ops(), decoder, [{ prompt, options: [option] }]))[0]![0]!,
				);
			expectClose(scores[i]!, alone, 1e-5);
		}
		expect(heard).toEqual([...heard].sort((a, b) => a - b));
		expect(heard.at(-1)).toBe(82);
		const cancel = (done: number) => {
			if (done > 0) throw new Error('enough');
		};
		await expect(scoreContinuations(ops(), decoder, items, cancel)).rejects.toThrow('enough');
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});
});
