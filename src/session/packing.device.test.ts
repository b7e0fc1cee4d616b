/** However rows share sequences and sequences share batches: the loss and its gradients stay what they were. */
import { expect, test } from 'vitest';
import type { TokenBlock } from '../contract/training.ts';
import { packRows, packSegments } from '../data/pack.ts';
import {
	bucketSequences,
	countTargets,
	createBatches,
	gatherSequences,
	type MicroBatch,
} from '../engine/batches.ts';
import { createGradients } from '../engine/gradients.ts';
import { expectClose, onEveryBackend } from '../engine/kernels/backends.ts';
import { forwardBackward } from '../engine/model/decoder.ts';
import { releaseSequences, uploadSequences } from '../engine/model/sequences.ts';
import { releaseDecoder } from '../engine/model/load.ts';
import { type Decoder } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { createRandom } from '../engine/random.ts';
import { tinyDecoder, tinySpec } from '../engine/testing.ts';
import { sumLosses } from '../engine/train.ts';

const random = createRandom(21);
/** Prompts of a third of the row, answers to learn; one row fills a sequence. */
const rows = [7, 3, 20, 12, 4, 9, 2, 15, 8].map((length) => ({
	ids: Int32Array.from({ length }, () => random.integer(40)),
	graded: [[Math.floor(length / 3), Infinity]] as const,
	textTokens: length - 1,
}));
const tooLong = () => new Error('too long');
const alone = packRows(rows, 20, 2, tooLong);
const together = packSegments(rows, 20, 2, tooLong);

const everySequence = ({ count }: TokenBlock) => Array.from({ length: count }, (_, i) => i);

/** Loss per target and the gradient of every parameter, of micro-batches of one update. */
async function lossAndGradients(ops: Ops, decoder: Decoder, micros: readonly MicroBatch[]) {
	const gradients = createGradients(ops, new Set(decoder.parameters.keys()));
	const plan = { firstBlock: 0, trainsEmbedding: true, recompute: false };
	const targets = micros.reduce((sum, micro) => sum + countTargets(micro.targets), 0);
	let loss = 0;
	for (const { inputIds, targets: labels, length, positions } of micros) {
		const count = inputIds.length / length;
		const sequences = uploadSequences(ops, inputIds, count, length, positions);
		const losses = forwardBackward(ops, decoder, sequences, labels, 1 / targets, plan, gradients);
		loss += (await sumLosses(ops, losses)) / targets;
		releaseSequences(ops, sequences);
	}
	const values = new Map<string, Float32Array>();
	for (const [name, tensor] of gradients.tensors) values.set(name, await ops.read(tensor));
	gradients.clear();
	return { loss, values };
}

onEveryBackend('packing', (ops, backend) => {
	const tolerance = backend === 'webgpu' ? 1e-5 : 1e-6;

	async function expectEqual(expected: readonly MicroBatch[], ...others: MicroBatch[][]) {
		const decoder = await tinyDecoder(ops());
		const { loss, values } = await lossAndGradients(ops(), decoder, expected);
		expect(values.size).toBe(decoder.parameters.size);
		for (const micros of others) {
			const other = await lossAndGradients(ops(), decoder, micros);
			expectClose([other.loss], [loss], tolerance);
			// Relative to the largest gradient: a key's bias has none at all, but for rounding.
			const all = ({ values: of }: { values: ReadonlyMap<string, Float32Array> }) =>
				[...of.values()].flatMap((gradient) => [...gradient]);
			expectClose(all(other), all({ values }), tolerance);
		}
		releaseDecoder(ops(), decoder);
	}

	test('rows that share a sequence have the loss and gradients of rows alone', async () => {
		expect(together.count).toBeLessThan(alone.count / 1.5);
		await expectEqual(
			[gatherSequences(alone, everySequence(alone))],
			[gatherSequences(together, everySequence(together))],
		);
	});

	test('accumulated micro-batches have the loss and gradients of the large one', async () => {
		for (const block of [alone, together]) {
			const numbers = everySequence(block);
			const half = Math.ceil(numbers.length / 2);
			await expectEqual(
				[gatherSequences(block, numbers)],
				numbers.map((number) => gatherSequences(block, [number])),
				[numbers.slice(0, half), numbers.slice(half)].map((some) => gatherSequences(block, some)),
			);
		}
	});

	test('rows padded to the longest of their batch have the loss and gradients of full ones', async () => {
		const spec = {
			...tinySpec,
			batch: { size: 3, accumulation: 3 },
			data: { order: 'shuffled', packing: 'bucketed' },
		} as const;
		const lengths = Int32Array.from(rows, ({ ids }) => ids.length - 1);
		const batches = createBatches(spec, alone);
		const micros = [0, 1, 2].map(batches);
		const whole = [0, 1, 2].map((micro) =>
			gatherSequences(alone, bucketSequences(spec, lengths, micro)),
		);
		const tokens = (of: readonly MicroBatch[]) =>
			of.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
		expect(tokens(micros)).toBeLessThan(0.75 * tokens(whole));
		await expectEqual(whole, micros);
	});
});
