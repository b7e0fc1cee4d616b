import { expect, test } from 'vitest';
import { countActivations } from './activations.ts';
import { onEveryBackend, withoutLeaks } from './kernels/backends.ts';
import { hiddenStates } from './model/decoder.ts';
import { uploadSequences } from './model/sequences.ts';
import { releaseDecoder } from './model/load.ts';
import type { Ops } from './ops.ts';
import { createReferenceOps } from './reference/ops.ts';
import { tinyConfig, tinyDecoder } from './testing.ts';

const texts = [
	[1, 5, 9, 30, 2, 2, 17],
	[1, 39, 8],
	[3, 3, 11],
];
const batches = [texts.slice(0, 1), texts.slice(1)];

/** Counts made of what an ordinary forward pass hands to swiglu, block after block. */
async function countsOfForward(): Promise<number[][]> {
	const plain = createReferenceOps();
	const decoder = await tinyDecoder(plain);
	const counts: number[][] = [];
	for (const ids of texts) {
		const gates: Promise<Float32Array>[] = [];
		const spying: Ops = {
			...plain,
			swiglu(gate, up) {
				gates.push(plain.read(gate));
				return plain.swiglu(gate, up);
			},
		};
		const sequences = uploadSequences(spying, Int32Array.from(ids), 1, ids.length);
		await hiddenStates(spying, decoder, sequences);
		for (const [layer, values] of (await Promise.all(gates)).entries()) {
			const of = (counts[layer] ??= Array<number>(tinyConfig.intermediateSize).fill(0));
			for (const [at, value] of values.entries()) if (value > 0) of[at % of.length]!++;
		}
	}
	return counts;
}

onEveryBackend('activations', (ops) => {
	test('every block’s active gates are counted, text after text', () =>
		withoutLeaks(ops(), async () => {
			const decoder = await tinyDecoder(ops());
			const counts = decoder.blocks.map(() => new Uint32Array(tinyConfig.intermediateSize));
			for (const ids of batches) await countActivations(ops(), decoder, ids, counts);
			releaseDecoder(ops(), decoder);
			const expected = await countsOfForward();
			expect(counts.map((of) => [...of])).toEqual(expected);
			expect(new Set(expected.flat()).size).toBeGreaterThan(5);
		}));
});
