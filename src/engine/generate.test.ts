import { expect, test } from 'vitest';
import { generate, generateGreedily, sample, type GenerateOptions } from './generate.ts';
import { onEveryBackend } from './kernels/backends.ts';
import { hiddenStates } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import { releaseDecoder } from './model/load.ts';
import { type Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { createRandom } from './random.ts';
import { tinyDecoder, tokenCountingOps } from './testing.ts';

const greedy: GenerateOptions = {
	maximumTokens: 10,
	temperature: 0,
	topP: 1,
	seed: 0,
	stopIds: [],
};

async function collect(ops: Ops, decoder: Decoder, prompt: number[], options: GenerateOptions) {
	const ids: number[] = [];
	for await (const id of generate(ops, decoder, prompt, options)) ids.push(id);
	return ids;
}

/** The most probable next token without a cache: the whole sequence through the decoder. */
async function nextWithoutCache(ops: Ops, decoder: Decoder, ids: number[]): Promise<number> {
	const sequences = uploadSequences(ops, Int32Array.from(ids), 1, ids.length);
	const x = await hiddenStates(ops, decoder, sequences);
	const { y, inverseRms } = ops.rmsNorm(x, decoder.finalNorm.tensor, 1e-5);
	const logits = ops.linear(y, decoder.head.tensor);
	const best = ops.argmaxRows(logits);
	const all = await ops.readIntegers(best);
	ops.release(x, y, inverseRms, logits, best);
	releaseSequences(ops, sequences);
	return all.at(-1)!;
}

onEveryBackend('generation', (ops) => {
	test('with a cache equals running the whole sequence each time', async () => {
		const decoder = await tinyDecoder(ops());
		const ids = [1, 7, 30, 4];
		const made = await collect(ops(), decoder, ids, greedy);
		const expected: number[] = [];
		for (let i = 0; i < 10; i++) {
			const next = await nextWithoutCache(ops(), decoder, [...ids, ...expected]);
			expected.push(next);
		}
		expect(made).toEqual(expected);
		expect(new Set(made).size).toBeGreaterThan(2);
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});

	test('stops after a stop token and at the end of the context', async () => {
		const decoder = await tinyDecoder(ops());
		const free = await collect(ops(), decoder, [1, 7, 30, 4], greedy);
		const stopIds = [free[3]!];
		const stopped = await collect(ops(), decoder, [1, 7, 30, 4], { ...greedy, stopIds });
		expect(stopped).toEqual(free.slice(0, free.indexOf(free[3]!) + 1));
		const long = Array.from({ length: 29 }, (_, i) => i);
		expect(await collect(ops(), decoder, long, greedy)).toHaveLength(3);
		releaseDecoder(ops(), decoder);
	});

	test('many prompts side by side equal one by one', async () => {
		const decoder = await tinyDecoder(ops());
		const prompts = [[1, 7, 30, 4], [5], [1, 2, 3, 4, 5, 6, 7, 8, 9], [33, 12]];
		const alone: number[][] = [];
		for (const prompt of prompts)
			alone.push(await collect(ops(), decoder, prompt, { ...greedy, maximumTokens: 6 }));
		const options = { stopIds: [] };
		const items = prompts.map((prompt) => ({ prompt, maximumTokens: 6 }));
		expect(await generateGreedily(ops(), decoder, items, options)).toEqual(alone);
		const fewer = items.map(({ prompt }, index) => ({ prompt, maximumTokens: index + 1 }));
		expect(await generateGreedily(ops(), decoder, fewer, options)).toEqual(
			alone.map((ids, index) => ids.slice(0, index + 1)),
		);
		const stopIds = [alone[1]![2]!];
		const isDone = (made: readonly number[]) => made.length === 4;
		const cut = await generateGreedily(ops(), decoder, items, { stopIds, isDone });
		const end = (ids: number[]) => {
			const stop = ids.indexOf(stopIds[0]!);
			return stop < 0 ? 4 : Math.min(4, stop + 1);
		};
		expect(cut).toEqual(alone.map((ids) => ids.slice(0, end(ids))));
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});

	test('sequences that end early or at the end of the context leave the others alone', async () => {
		const decoder = await tinyDecoder(ops());
		const prompts = [3, 9, 14, 20, 25, 29, 31, 32].map((length) =>
			Array.from({ length }, (_, i) => (7 * i + length) % 40),
		);
		const limit = (length: number) => Math.min(12, 32 - length);
		const alone: number[][] = [];
		for (const prompt of prompts)
			alone.push(await collect(ops(), decoder, prompt, { ...greedy, maximumTokens: 12 }));
		expect(alone.map(({ length }) => length)).toEqual(prompts.map(({ length }) => limit(length)));
		const heard: number[] = [];
		const options = { stopIds: [] };
		const items = prompts.map((prompt) => ({ prompt, maximumTokens: 12 }));
		const made = await generateGreedily(ops(), decoder, items, options, (done) => {
			heard.push(done);
		});
		expect(made).toEqual(alone);
		expect(heard[0]).toBe(2);
		expect(heard.at(-1)).toBe(8);
		const cancel = () => {
			throw new Error('enough');
		};
		await expect(generateGreedily(ops(), decoder, items, options, cancel)).rejects.toThrow(
			'enough',
		);
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});

	test('prompts that begin alike run their beginning once', async () => {
		const decoder = await tinyDecoder(ops());
		const shots = Array.from({ length: 20 }, (_, i) => (7 * i + 3) % 40);
		const items = Array.from({ length: 48 }, (_, i) => ({
			prompt: [...shots, ...[i % 11, i % 5, i % 3].slice(i % 3)],
			maximumTokens: 1 + (i % 6),
		}));
		const counted = tokenCountingOps(ops(), decoder);
		const made = await generateGreedily(counted.ops, decoder, items, { stopIds: [] });
		expect(counted.tokens()).toBeLessThan(500);
		for (const [index, { prompt, maximumTokens }] of items.entries())
			expect(made[index]).toEqual(
				await collect(ops(), decoder, prompt, { ...greedy, maximumTokens }),
			);
		releaseDecoder(ops(), decoder);
		expect(ops().memory().tensors).toBe(0);
	});

	test('samples by its seed', async () => {
		const decoder = await tinyDecoder(ops());
		const hot = { ...greedy, temperature: 1.5 };
		const first = await collect(ops(), decoder, [1, 7], { ...hot, seed: 1 });
		expect(await collect(ops(), decoder, [1, 7], { ...hot, seed: 1 })).toEqual(first);
		expect(await collect(ops(), decoder, [1, 7], { ...hot, seed: 2 })).not.toEqual(first);
		releaseDecoder(ops(), decoder);
	});
});

test('sampling follows the probabilities, and top-p cuts the tail', () => {
	const logits = Float32Array.from([0, Math.log(6), Math.log(3)]);
	const counts = (topP: number) => {
		const random = createRandom(1);
		const seen = [0, 0, 0];
		for (let i = 0; i < 20_000; i++) seen[sample(logits, 1, topP, random)]!++;
		return seen.map((count) => count / 20_000);
	};
	const all = counts(1);
	[0.1, 0.6, 0.3].forEach((p, i) => {
		expect(all[i]).toBeCloseTo(p, 1);
	});
	expect(counts(0.55)).toEqual([0, 1, 0]);
	expect(counts(0.85)[0]).toBe(0);
});
