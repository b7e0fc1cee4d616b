/** Whole models with weights in fewer bits: against the slow backend with the same values in float32. */
import { expect, test } from 'vitest';
import { type Precision, type WeightFormat } from '../contract/precision.ts';
import type { LayerSet, Lora } from '../contract/spec.ts';
import { attachAdapters } from './adapters/attach.ts';
import { adaptedLayers, initialAdapter } from './adapters/lora.ts';
import { expectClose, onEveryBackend, take } from './kernels/backends.ts';
import { asStored } from './kernels/weightFormats/formats.ts';
import { hiddenStates } from './model/decoder.ts';
import { releaseSequences, uploadSequences } from './model/sequences.ts';
import { loadDecoder, releaseDecoder } from './model/load.ts';
import { type Decoder, type NamedShape } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { planTraining, trainableOf } from './plan/plan.ts';
import { formatOf, weightBytes } from './precision.ts';
import { createReferenceOps } from './reference/ops.ts';
import { runSpec, tinyBlock, tinyConfig, tinyValues } from './testing.ts';
import { createTrainingState, releaseTrainingState, train } from './train.ts';

const frozen = ['bf16', 'int8', 'nf4', 'nf4-double'] as const;
const none: ReadonlySet<string> = new Set();
const formats =
	(precision: Precision, trainable = none) =>
	(tensor: NamedShape): WeightFormat =>
		formatOf(tensor, trainable.has(tensor.name), precision);

/** Weights in the formats, or, on the slow backend, as float32 with the values the formats leave. */
function decoderIn(ops: Ops, format: (tensor: NamedShape) => WeightFormat, inFloats: boolean) {
	const read = tinyValues();
	const stored = async (name: string, shape: readonly number[]) =>
		asStored(await read(name, shape), format({ name, shape }));
	return inFloats
		? loadDecoder(ops, tinyConfig, stored, false)
		: loadDecoder(ops, tinyConfig, read, false, format);
}

const shapesOf = (decoder: Decoder): NamedShape[] =>
	[...decoder.parameters.values()].map(({ name, tensor }) => ({ name, shape: tensor.shape }));

async function logits(ops: Ops, decoder: Decoder): Promise<Float32Array> {
	const { inputIds, sequenceLength } = tinyBlock(2);
	const sequences = uploadSequences(ops, inputIds, 2, sequenceLength);
	const x = await hiddenStates(ops, decoder, sequences);
	const y = await take(ops, ops.linear(x, decoder.head.tensor));
	ops.release(x);
	releaseSequences(ops, sequences);
	return y;
}

const ends: LayerSet = { layers: [0, 3], embedding: true, head: true, finalNorm: true };
const lora: Lora = {
	kind: 'lora',
	rank: 4,
	alpha: 8,
	dropout: 0,
	targets: ['q_proj', 'gate_proj', 'down_proj'],
};

/** Losses of six updates, and what they left in the decoder. */
async function losses(ops: Ops, precision: Precision, tune: Lora | undefined, inFloats: boolean) {
	const spec = {
		...runSpec('never', 12),
		precision,
		steps: 6,
		...(tune === undefined ? {} : { tune }),
	};
	const names = shapesOf(await decoderIn(createReferenceOps(), () => 'f32', false));
	const set = tune === undefined ? ends : { ...ends, embedding: false, head: false };
	const trainable = trainableOf(spec, set, names);
	const before = ops.memory();
	const base = await decoderIn(ops, formats(precision, trainable), inFloats);
	const layers = tune === undefined ? [] : adaptedLayers(tune, set.layers, names);
	const format = precision.trainable === 'f32' ? 'f32' : 'bf16';
	const start = (tensor: NamedShape) => initialAdapter(1, tensor);
	const adapted = attachAdapters(ops, base, tune ?? lora, layers, start, format);
	const { plan, forecast } = planTraining(tinyConfig, names, spec, set, 1e9);
	const state = createTrainingState(ops, adapted.decoder, trainable);
	const found: number[] = [];
	const weights = [...adapted.decoder.parameters.values()].reduce(
		(sum, { tensor }) => sum + weightBytes(tensor, tensor.dtype as WeightFormat),
		0,
	);
	if (!inFloats) expect(forecast.bytes.weights).toBe(weights);
	const updates = train(ops, adapted.decoder, spec, tinyBlock(9), plan, trainable, state);
	for await (const { loss } of updates) found.push(loss);
	releaseTrainingState(ops, state);
	adapted.release();
	releaseDecoder(ops, base);
	expect(ops.memory().tensors, 'tensors left over').toBe(before.tensors);
	return found;
}

onEveryBackend(
	'a decoder',
	(ops) => {
		test.each(frozen)('in %s gives the logits of the values it stands for', async (format) => {
			const slow = createReferenceOps();
			const precision = { frozen: format, trainable: 'f32' } as const;
			const expected = await decoderIn(slow, formats(precision), true);
			const decoder = await decoderIn(ops(), formats(precision), false);
			expectClose(await logits(ops(), decoder), await logits(slow, expected), 1e-5);
			const plain = await decoderIn(slow, () => 'f32', true);
			expect(await logits(slow, plain)).not.toEqual(await logits(slow, expected));
			releaseDecoder(ops(), decoder);
		});

		test.each([
			...frozen.map((format) => [format, 'f32', undefined] as const),
			...frozen.map((format) => [format, 'f32', lora] as const),
		])('with frozen %s and trained %s learns as in floats, %o', async (format, trainable, tune) => {
			const precision = { frozen: format, trainable };
			const expected = await losses(createReferenceOps(), precision, tune, true);
			const found = await losses(ops(), precision, tune, false);
			expectClose(found, expected, 1e-4);
			expect(found.at(-1)).toBeLessThan(found[0]!);
		});

		test.each([
			['bf16', undefined],
			['bf16-stochastic', undefined],
			['bf16-stochastic', lora],
		] as const)('trains %s nearly as floats, the same way twice, %o', async (trainable, tune) => {
			const inFloats = await losses(ops(), { frozen: 'bf16', trainable: 'f32' }, tune, false);
			const found = await losses(ops(), { frozen: 'bf16', trainable }, tune, false);
			expectClose(found, inFloats, 2e-2);
			expect(found.slice(1)).not.toEqual(inFloats.slice(1));
			expect(await losses(ops(), { frozen: 'bf16', trainable }, tune, false)).toEqual(found);
		});
	},
	['reference', 'webgpu'],
);

test('a parameter that a format cannot hold is named', async () => {
	const ops = createReferenceOps();
	const read = tinyValues();
	const broken = async (name: string, shape: readonly number[]) => {
		const values = await read(name, shape);
		if (name === 'model.layers.1.mlp.up_proj.weight') values[3] = NaN;
		return values;
	};
	const format = formats({ frozen: 'nf4', trainable: 'f32' });
	await expect(loadDecoder(ops, tinyConfig, broken, false, format)).rejects.toMatchObject({
		name: 'BadInput',
		message: expect.stringMatching(
			/layers\.1\.mlp\.up_proj\.weight: row 0, column 3 is NaN/,
		) as unknown,
	});
});
