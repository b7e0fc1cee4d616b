/**
 * What a library's documents may hold. They come from outside: every field the lab relies on is checked. Further fields
 * are kept, so that a later lab's additions survive the way through an earlier one.
 */
import * as v from 'valibot';
import type {
	Measurement,
	MetricRow,
	NamedPrediction,
	Prediction,
} from '../../contract/evaluation.ts';
import type { LeftOut } from '../../contract/leftOut.ts';
import type {
	Chat,
	DatasetRecord,
	InstructionRow,
	RunEnvironment,
	RunRecord,
} from '../../contract/library.ts';
import { RunSpecSchema } from '../../contract/spec.ts';
import type { Receipt, StepEvent } from '../../contract/training.ts';
import type { CheckpointRecord, ChunkReference } from '../database.ts';
import { CHUNK_SIZE } from '../chunks.ts';

type Checked<T> = v.GenericSchema<unknown, T>;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Numbers that JSON has no word for are written as text. */
const number = v.union([
	v.number(),
	v.pipe(v.picklist(['NaN', 'Infinity', '-Infinity']), v.transform(Number)),
]);
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'not a sha-256 in hex'));
const runKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'not the id of a run'));
const contentKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'not an id made from content'));

const chunk: Checked<ChunkReference> = v.strictObject({
	hash,
	size: v.pipe(count, v.maxValue(CHUNK_SIZE)),
});

const environment: Checked<RunEnvironment> = v.looseObject({
	backend: v.picklist(['webgpu', 'wasm', 'reference']),
	adapter: v.string(),
	software: v.boolean(),
	userAgent: v.string(),
	version: v.string(),
	replaced: v.exactOptional(v.array(v.string())),
});

const receipt: Checked<Receipt> = v.looseObject({
	tensors: v.array(
		v.looseObject({
			name: v.string(),
			trainable: v.boolean(),
			change: number,
			norm: number,
			before: v.string(),
			after: v.string(),
		}),
	),
	frozenUnchanged: v.boolean(),
});

const runRecord: Checked<RunRecord> = v.looseObject({
	id: runKey,
	spec: RunSpecSchema,
	status: v.picklist(['running', 'paused', 'stopped', 'finished', 'failed']),
	steps: count,
	checkpointStep: v.nullable(count),
	environment,
	// Runs of the first versions say nothing of earlier devices.
	earlier: v.optional(v.array(v.looseObject({ untilStep: count, environment })), []),
	receipt: v.nullable(receipt),
	error: v.nullable(v.string()),
	startedAt: count,
	updatedAt: count,
});

const stepEvent: Checked<StepEvent> = v.looseObject({
	step: count,
	loss: number,
	gradientNorm: number,
	learningRate: number,
	tokens: count,
	seconds: number,
});

const weights = v.picklist(['base', 'adapted']);

const metricRow: Checked<MetricRow> = v.looseObject({
	task: v.string(),
	subject: v.string(),
	metric: v.picklist([
		...(['loss-per-token', 'macro-f1', 'exact-match', 'token-f1', 'accuracy'] as const),
		...(['first-token', 'chrf++', 'bleu', 'comet'] as const),
	]),
	signature: v.exactOptional(v.string()),
	notes: v.exactOptional(v.array(v.string())),
	weights,
	mean: number,
	sd: v.nullable(number),
	runs: count,
	count,
	shortened: count,
	cutItems: v.exactOptional(count),
	overlap: v.exactOptional(
		v.looseObject({ items: count, repeated: count, shown: count, trained: v.nullable(count) }),
	),
});

const answer = {
	prompt: v.string(),
	expected: v.string(),
	given: v.string(),
	right: v.boolean(),
	run: v.exactOptional(count),
};
const prediction: Checked<Prediction> = v.looseObject(answer);
const namedPrediction: Checked<NamedPrediction> = v.looseObject({
	...answer,
	task: v.string(),
	subject: v.string(),
	weights,
});

const measurement: Checked<Measurement> = v.looseObject({
	step: count,
	rows: v.array(metricRow),
	predictions: v.array(prediction),
});

/** Of one list of tasks, by its fingerprint. */
const finals = v.array(v.strictObject({ tasks: v.string(), rows: v.array(metricRow) }));

export const RunContentSchema = v.looseObject({
	record: runRecord,
	metrics: v.array(stepEvent),
	results: v.array(metricRow),
	measurements: v.array(measurement),
	finals,
	/** Of one task, subject and kind of weights each. */
	answers: v.array(v.pipe(v.array(namedPrediction), v.nonEmpty())),
});
export type RunContent = v.InferOutput<typeof RunContentSchema>;

const leftOut: Checked<LeftOut> = v.looseObject({
	of: count,
	reasons: v.array(v.looseObject({ why: v.string(), rows: count, first: v.array(count) })),
});

const datasetRecord: Checked<DatasetRecord> = v.looseObject({
	id: contentKey,
	name: v.string(),
	rows: count,
	bytes: count,
	mapping: v.looseObject({
		instruction: v.nullable(v.string()),
		input: v.nullable(v.string()),
		output: v.string(),
	}),
	addedAt: count,
	chats: v.exactOptional(v.boolean()),
	leftOut: v.exactOptional(leftOut),
});
export const DatasetContentSchema = v.looseObject({ record: datasetRecord });

/** What a template does with more than this is its own affair. */
const chat: Checked<Chat> = v.looseObject({
	messages: v.array(v.looseObject({ role: v.string(), content: v.exactOptional(v.string()) })),
	tools: v.exactOptional(v.array(v.unknown())),
});

export const RowsSchema: Checked<InstructionRow[]> = v.array(
	v.looseObject({
		instruction: v.string(),
		input: v.string(),
		output: v.string(),
		chat: v.exactOptional(chat),
	}),
);

/** What must be imported again: nothing of a model itself is in a library of files. */
export const ModelContentSchema = v.looseObject({
	id: contentKey,
	name: v.string(),
	parameters: count,
	bytes: count,
	addedAt: count,
	config: v.record(v.string(), v.unknown()),
	files: v.array(v.looseObject({ name: v.string(), size: count, chunks: v.array(chunk) })),
	finals,
});
export type ModelContent = v.InferOutput<typeof ModelContentSchema>;

export const CheckpointSchema: Checked<CheckpointRecord> = v.looseObject({
	runId: runKey,
	step: count,
	tensors: v.array(
		v.pipe(
			v.looseObject({
				name: v.string(),
				kind: v.picklist(['weight', 'm', 'v', 'packed']),
				shape: v.pipe(v.array(count), v.maxLength(8)),
				chunks: v.array(chunk),
			}),
			v.check(
				({ shape, chunks }) =>
					4 * shape.reduce((product, length) => product * length, 1) ===
					chunks.reduce((sum, { size }) => sum + size, 0),
				'a tensor has more or fewer bytes than its shape says',
			),
		),
	),
	bytes: count,
	savedAt: count,
});
