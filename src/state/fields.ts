/** The hyper-parameter form as data: each field with its words, its bounds, and where it lives in the spec. */
import { isOfMuon } from '../contract/muon.ts';
import { defaultOptimizer, type OptimizerKind, optimizers } from '../contract/optimizers.mjs';
import { type Precision, precisionOf } from '../contract/precision.ts';
import type { RunSpec } from '../contract/spec.ts';
import { muonFields } from './muonFields.ts';

interface Words {
	readonly id: string;
	readonly label: string;
	/** One short sentence for someone who has never trained a model. */
	readonly help: string;
	/** Whether it has a meaning in a spec; absent: in any. */
	readonly shown?: (spec: RunSpec) => boolean;
}

export interface NumberField extends Words {
	readonly kind: 'number';
	readonly min: number;
	readonly max: number;
	/** Step of the input, `any` for rates. */
	readonly step: number | 'any';
	/** True if an empty field means null. */
	readonly optional: boolean;
	readonly read: (spec: RunSpec) => number | null;
	readonly write: (spec: RunSpec, value: number | null) => RunSpec;
}

export interface ChoiceField extends Words {
	readonly kind: 'choice';
	readonly options: readonly { readonly value: string; readonly label: string }[];
	readonly read: (spec: RunSpec) => string;
	readonly write: (spec: RunSpec, value: string) => RunSpec;
}

export type Field = NumberField | ChoiceField;

const million = 1e6;
/** A memory of 1 never forgets its zero start, and without epsilon 0/0 is possible: both are left out. */
const largestBeta = 0.999999;
const smallestEpsilon = 1e-12;

type Group = 'optimizer' | 'schedule' | 'batch';

/** A number directly in the spec or in one of its groups. */
function number(
	words: Words,
	group: Group | null,
	key: string,
	bounds: Partial<Pick<NumberField, 'min' | 'max' | 'step' | 'optional'>> = {},
): NumberField {
	const holder = (spec: RunSpec) =>
		(group ? spec[group] : spec) as Readonly<Record<string, unknown>>;
	return {
		kind: 'number',
		...words,
		...{ min: 0, max: million, step: 1, optional: false, ...bounds },
		read: (spec) => holder(spec)[key] as number | null,
		write: (spec, value) => {
			const changed = { ...holder(spec), [key]: value };
			return (group ? { ...spec, [group]: changed } : changed) as RunSpec;
		},
	};
}

/** A field whose 0 says what an empty one does: off has one spelling, and so one id of a run. */
const offAtZero = (field: NumberField): NumberField => ({
	...field,
	write: (spec, value) => field.write(spec, value === 0 ? null : value),
});

const words = (id: string, label: string, help: string): Words => ({ id, label, help });

/** The two kinds of weights a precision is chosen for. */
function precision(
	words: Words,
	key: keyof Precision,
	options: ChoiceField['options'],
): ChoiceField {
	return {
		kind: 'choice',
		...words,
		options,
		read: (spec) => precisionOf(spec)[key],
		write: (spec, value) => {
			// Left out where it is the default: one spelling, one id.
			const chosen = Object.entries({ ...spec.precision, [key]: value }).filter(
				([, format]) => format !== 'f32',
			);
			const changed = { ...spec, precision: Object.fromEntries(chosen) } as RunSpec;
			if (chosen.length === 0) delete changed.precision;
			return changed;
		},
	};
}

/** Fields most people set. */
export const mainFields: readonly Field[] = [
	number(words('steps', 'Updates', 'How many times the weights are changed.'), null, 'steps', {
		min: 1,
	}),
	number(
		words(
			'learning-rate',
			'Learning rate',
			'How far each update moves. Too large and the loss jumps.',
		),
		'optimizer',
		'learningRate',
		{ max: 1, step: 'any' },
	),
	number(
		words('batch-size', 'Sequences per batch', 'How many pieces of text are read at once.'),
		'batch',
		'size',
		{ min: 1, max: 4096 },
	),
	number(
		words(
			'accumulation',
			'Batches per update',
			'More batches act like a larger one, with less memory.',
		),
		'batch',
		'accumulation',
		{ min: 1, max: 4096 },
	),
	{
		kind: 'choice',
		...words('schedule', 'Schedule', 'How the learning rate moves over the run.'),
		options: [
			{ value: 'linear', label: 'falls linearly' },
			{ value: 'cosine', label: 'falls as a cosine' },
			{ value: 'constant', label: 'stays constant' },
			{ value: 'huggingface-linear', label: 'linear, as Hugging Face' },
		],
		read: (spec) => spec.schedule.kind,
		write: (spec, kind) => ({
			...spec,
			schedule: { ...spec.schedule, kind: kind as RunSpec['schedule']['kind'] },
		}),
	},
	number(
		words('warmup', 'Warm-up updates', 'The first updates are smaller, so nothing breaks early.'),
		'schedule',
		'warmupSteps',
	),
];

/** Fields for those who know. */
export const moreFields: readonly Field[] = [
	{
		kind: 'choice',
		...words(
			'optimizer',
			'Optimizer',
			Object.values(optimizers)
				.flatMap(({ help }) => (help === '' ? [] : [help]))
				.join(' '),
		),
		options: Object.entries(optimizers).map(([value, { label }]) => ({ value, label })),
		read: (spec) => spec.optimizer.kind ?? defaultOptimizer,
		write: (spec, kind) => {
			const optimizer = { ...spec.optimizer };
			// Left out where it is the default: one spelling, one id.
			if (kind === defaultOptimizer) delete optimizer.kind;
			else optimizer.kind = kind as OptimizerKind;
			if (!isOfMuon(optimizer)) delete optimizer.muon;
			return { ...spec, optimizer };
		},
	},
	...muonFields,
	precision(
		words(
			'frozen',
			'Frozen weights in',
			'Fewer bits need less memory and blur what does not train. Anything but float32 needs WebGPU.',
		),
		'frozen',
		[
			{ value: 'f32', label: 'float32' },
			{ value: 'bf16', label: 'bfloat16' },
			{ value: 'int8', label: '8 bits' },
			{ value: 'nf4', label: '4 bits (NF4)' },
			{ value: 'nf4-double', label: '4 bits (NF4, scales in 8)' },
		],
	),
	precision(
		words(
			'trainable',
			'Trained weights in',
			'Rounded to bfloat16, small steps are lost; at random they survive on average. Needs WebGPU.',
		),
		'trainable',
		[
			{ value: 'f32', label: 'float32' },
			{ value: 'bf16', label: 'bfloat16' },
			{ value: 'bf16-stochastic', label: 'bfloat16, rounded at random' },
		],
	),
	number(
		words('weight-decay', 'Weight decay', 'Pulls trained weights gently towards zero.'),
		'optimizer',
		'weightDecay',
		{ max: 1, step: 'any' },
	),
	{
		kind: 'choice',
		...words('decay', 'Decay applies to', 'Norms and biases are often left alone.'),
		options: [
			{ value: 'matrices', label: 'matrices only' },
			{ value: 'all', label: 'every trained tensor' },
		],
		read: (spec) => spec.optimizer.decay,
		write: (spec, decay) => ({
			...spec,
			optimizer: { ...spec.optimizer, decay: decay as RunSpec['optimizer']['decay'] },
		}),
	},
	offAtZero(
		number(
			words('clip', 'Gradient clip', 'Longest step allowed; empty or 0 switches clipping off.'),
			'optimizer',
			'clipNorm',
			{ step: 'any', optional: true },
		),
	),
	number(words('beta1', 'Beta 1', 'Memory of AdamW for the direction.'), 'optimizer', 'beta1', {
		max: largestBeta,
		step: 'any',
	}),
	number(words('beta2', 'Beta 2', 'Memory of AdamW for the size.'), 'optimizer', 'beta2', {
		max: largestBeta,
		step: 'any',
	}),
	number(
		words('epsilon', 'Epsilon', 'Keeps AdamW from dividing by zero.'),
		'optimizer',
		'epsilon',
		{
			min: smallestEpsilon,
			max: 1,
			step: 'any',
		},
	),
	number(words('seed', 'Seed', 'The same seed gives the same run.'), null, 'seed', {
		max: 2 ** 31 - 1,
	}),
	number(
		words('checkpoint', 'Checkpoint every', 'Updates between two saves a run can resume from.'),
		null,
		'checkpointEvery',
		{ min: 1 },
	),
	{
		kind: 'choice',
		...words('recompute', 'Recompute', 'Computing parts twice saves memory and costs time.'),
		options: [
			{ value: 'auto', label: 'where memory needs it' },
			{ value: 'always', label: 'always' },
			{ value: 'never', label: 'never' },
		],
		read: (spec) => spec.recompute,
		write: (spec, recompute) => ({ ...spec, recompute: recompute as RunSpec['recompute'] }),
	},
];

/** The number in the text of a field, null for an empty optional one, undefined where it is no allowed number. */
export function parseNumber(
	bounds: Pick<NumberField, 'min' | 'max' | 'step' | 'optional'>,
	text: string,
): number | null | undefined {
	if (text.trim() === '') return bounds.optional ? null : undefined;
	const value = Number(text);
	const whole = bounds.step === 'any' || Number.isInteger(value);
	return Number.isFinite(value) && whole && value >= bounds.min && value <= bounds.max
		? value
		: undefined;
}
