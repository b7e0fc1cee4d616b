import { beforeEach, describe, expect, test } from 'vitest';
import { optimizerKinds } from '../../contract/optimizers.mjs';
import type { RunSpec } from '../../contract/spec.ts';
import type { Decoder } from '../model/weights.ts';
import type { AdamWStep, Ops, Tensor } from '../ops.ts';
import { createReferenceOps } from '../reference/ops.ts';
import { runSpec, tinyDecoder } from '../testing.ts';
import { createTrainingState, type TrainingState } from '../train.ts';
import { beginUpdate, updatesInBackward } from './update.ts';

const norm = 'model.norm.weight';
const bias = 'model.layers.0.self_attn.k_proj.bias';
const matrix = 'model.layers.1.self_attn.k_proj.weight';
const names = [norm, bias, matrix];

let ops: Ops;
let decoder: Decoder;
/** What the optimizer's kernel was asked for, in order. */
let asked: { parameter: Tensor; norm: number; step: AdamWStep }[];

beforeEach(async () => {
	const plain = createReferenceOps();
	asked = [];
	ops = {
		...plain,
		adamW(parameter, gradient, m, v, globalNorm, step) {
			const values = plain.read(globalNorm);
			const entry = { parameter, norm: NaN, step };
			asked.push(entry);
			void values.then(([value = NaN]) => (entry.norm = value));
			plain.adamW(parameter, gradient, m, v, globalNorm, step);
		},
	};
	decoder = await tinyDecoder(ops);
});

const spec = (
	optimizer: Partial<RunSpec['optimizer']> = {},
	changes: Partial<Pick<RunSpec, 'batch' | 'precision' | 'seed'>> = {},
) => {
	const base = { ...runSpec('never', 12), batch: { size: 4, accumulation: 1 } };
	return { ...base, ...changes, optimizer: { ...base.optimizer, ...optimizer } };
};
const rates = { scheduled: 1, number: 3, step: 7 };

const parameter = (name: string) => decoder.parameters.get(name)!;
const nameOf = (tensor: Tensor) =>
	names.find((name) => parameter(name).tensor === tensor) ?? 'another';

function begin(one = spec(), earlier: TrainingState['earlier'] = new Map(), of = rates) {
	const trainable = new Set(names);
	const state = createTrainingState(ops, decoder, trainable, 0, one.optimizer.kind, earlier);
	return beginUpdate(ops, decoder, one, trainable, state, of);
}

/** Adds a gradient whose elements are all `value`. */
function add(update: ReturnType<typeof begin>, name: string, value: number): void {
	const { shape, size } = parameter(name).tensor;
	update.gradients.add(parameter(name), () =>
		ops.upload(new Float32Array(size).fill(value), shape),
	);
}

test.each([
	[null, 1, true],
	[0, 1, true],
	[1, 1, false],
	[null, 2, false],
])('clipped to %s over %i micro-batches: in backward %s', (clipNorm, accumulation, expected) => {
	expect(updatesInBackward(spec({ clipNorm }, { batch: { size: 4, accumulation } }))).toBe(
		expected,
	);
});

test('clipped: nothing moves before the norm of all gradients is known', async () => {
	const update = begin(spec({ clipNorm: 0.5 }));
	add(update, matrix, 2);
	add(update, norm, 3);
	expect(asked).toEqual([]);
	const [length] = await ops.read(update.finish());
	const expected = Math.sqrt(4 * parameter(matrix).tensor.size + 9 * parameter(norm).tensor.size);
	expect(length).toBeCloseTo(expected, 4);
	expect(asked.map((one) => nameOf(one.parameter))).toEqual([matrix, norm]);
	for (const one of asked) {
		expect(one.norm).toBe(length);
		expect(one.step).toMatchObject({ ...{ learningRate: 0.01, clipNorm: 0.5, step: 3 } });
	}
});

test('in backward: each moves with its gradient, which is given back, and the norm is that of all', async () => {
	const update = begin(spec({ clipNorm: null }));
	const before = ops.memory().tensors;
	add(update, matrix, 2);
	expect(asked.map((one) => nameOf(one.parameter))).toEqual([matrix]);
	add(update, norm, 3);
	const [size, small] = [matrix, norm].map((name) => parameter(name).tensor.size);
	const [length] = await ops.read(update.finish());
	expect(length).toBeCloseTo(Math.sqrt(4 * size! + 9 * small!), 4);
	expect(asked).toHaveLength(2);
	expect(asked[0]!.norm).toBeCloseTo(2 * Math.sqrt(size!), 4);
	expect(asked[1]!.norm).toBe(length);
	// Two norms of one number.
	expect(ops.memory().tensors).toBe(before + 2);
	update.release();
	expect(ops.memory().tensors).toBe(before);
});

test('without any gradient the norm is 0', async () => {
	for (const clipNorm of [null, 1])
		expect([...(await ops.read(begin(spec({ clipNorm })).finish()))]).toEqual([0]);
});

describe('what a parameter is updated with', () => {
	const stepOf = (name: string, ...given: Parameters<typeof begin>) => {
		const update = begin(...given);
		add(update, name, 1);
		update.finish();
		return asked.at(-1)!.step;
	};

	test.each([
		['all', norm, 0.1],
		['all', matrix, 0.1],
		['matrices', matrix, 0.1],
		['matrices', norm, 0],
		['matrices', bias, 0],
	] as const)('weight decay of %s: %s', (decay, name, expected) => {
		expect(stepOf(name, spec({ decay, weightDecay: 0.1 })).weightDecay).toBe(expected);
	});

	test('the bias correction counts the updates a parameter had in an earlier stage', () => {
		const earlier = new Map([[matrix, 40]]);
		expect(stepOf(matrix, spec(), earlier).step).toBe(43);
		expect(stepOf(norm, spec(), earlier).step).toBe(3);
	});

	test('weight decay comes before the step in 32 bits, after it in 8, as in bitsandbytes', () => {
		expect(stepOf(matrix).decay).toBe('before');
		expect(stepOf(matrix, spec({ kind: 'adamw-8bit' })).decay).toBe('after');
	});

	test('rounding to bf16, by the step of the run and the place of the parameter', () => {
		const rounding = (trainable: 'f32' | 'bf16' | 'bf16-stochastic', name = matrix, step = 7) => {
			const precision = { frozen: 'f32', trainable } as const;
			return stepOf(name, spec({}, { precision, seed: 5 }), undefined, { ...rates, step }).rounding;
		};
		expect(rounding('f32')).toBeUndefined();
		expect(rounding('bf16')).toEqual({ seed: null });
		const stochastic = rounding('bf16-stochastic');
		expect(Number.isInteger(stochastic?.seed)).toBe(true);
		expect(rounding('bf16-stochastic')).toEqual(stochastic);
		expect(rounding('bf16-stochastic', norm)).not.toEqual(stochastic);
		expect(rounding('bf16-stochastic', matrix, 8)).not.toEqual(stochastic);
	});
});

test('a parameter without a state of the optimizer is named', () => {
	const update = beginUpdate(
		...([ops, decoder, spec(), new Set([matrix])] as const),
		{ ...{ moments: new Map(), constants: null, earlier: new Map() } },
		rates,
	);
	add(update, matrix, 1);
	expect(() => update.finish()).toThrow(
		expect.objectContaining({
			name: 'NotFound',
			message: `No optimizer state for ${matrix}: the plan and the state differ`,
		}),
	);
});

describe('a gradient that is not finite', () => {
	test.each([1, null])(
		'is named, the first in the order of backward; clipped to %s',
		async (clipNorm) => {
			const update = begin(spec({ clipNorm }));
			add(update, norm, 1);
			add(update, matrix, NaN);
			add(update, bias, Infinity);
			expect((await ops.read(update.finish()))[0]).toBeNaN();
			const before = ops.memory().tensors;
			expect(await update.firstNotFinite()).toBe(matrix);
			expect(ops.memory().tensors).toBe(before);
		},
	);

	test.each(optimizerKinds)(
		'is named after a gradient that is, which %s was given, too',
		async (kind) => {
			const update = begin(spec({ kind, clipNorm: 1 }));
			const before = await ops.read(parameter(matrix).tensor);
			add(update, matrix, 1);
			add(update, bias, NaN);
			update.finish();
			expect(await update.firstNotFinite()).toBe(bias);
			expect(await ops.read(parameter(matrix).tensor)).toEqual(before);
		},
	);

	test.each([1, null])('there is none; clipped to %s', async (clipNorm) => {
		const update = begin(spec({ clipNorm }));
		for (const name of names) add(update, name, 1);
		update.finish();
		expect(await update.firstNotFinite()).toBeNull();
	});
});
