/** What documents from outside may hold: of every field that the lab relies on, where it is missing or of another kind. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { CHUNK_SIZE } from '../chunks.ts';
import { environment, metricRow, runSpec, stepEvents } from '../testing.ts';
import {
	CheckpointSchema,
	DatasetContentSchema,
	ModelContentSchema,
	RowsSchema,
	RunContentSchema,
} from './schema.ts';

type Key = string | number;

const hash = 'ab'.repeat(32);
const chunk = { hash, size: 16 };
const row = {
	...metricRow,
	...{ signature: 'nrefs:1', notes: ['cut'], sd: 0.5, cutItems: 1 },
	overlap: { items: 4, repeated: 1, shown: 2, trained: 3 },
};
const prediction = { prompt: 'p', expected: 'x', given: 'y', right: false, run: 0 };
const finals = [{ tasks: 'tasks', rows: [row] }];
const tensor = { name: 'a', trainable: true, change: 1.5, norm: 2.5, before: hash, after: hash };

/** Documents with everything in them that may be there. */
const documents = {
	run: {
		record: {
			id: '0123456789abcdef',
			spec: runSpec(),
			...{ status: 'paused', steps: 10, checkpointStep: 10, startedAt: 1, updatedAt: 2 },
			environment: { ...environment, replaced: ['matmul'] },
			earlier: [{ untilStep: 5, environment }],
			receipt: { tensors: [tensor], frozenUnchanged: true },
			error: 'device lost',
		},
		metrics: stepEvents(0, 1),
		results: [row],
		measurements: [{ step: 0, rows: [row], predictions: [prediction] }],
		finals,
		answers: [[{ ...prediction, task: 'words', subject: 'A to B', weights: 'base' }]],
	},
	dataset: {
		record: {
			...{ id: 'a'.repeat(32), name: 'pairs', rows: 2, bytes: 100, addedAt: 1, chats: true },
			mapping: { instruction: 'instruction', input: 'input', output: 'output' },
			leftOut: { of: 3, reasons: [{ why: 'without an output', rows: 1, first: [2] }] },
		},
	},
	rows: [
		{
			...{ instruction: 'a', input: 'b', output: 'c' },
			chat: { messages: [{ role: 'user', content: 'd' }], tools: [{ name: 'f' }] },
		},
	],
	model: {
		...{ id: 'b'.repeat(32), name: 'tiny', parameters: 12, bytes: 16, addedAt: 1 },
		config: { family: 'llama' },
		files: [{ name: 'model.safetensors', size: 16, chunks: [chunk] }],
		finals,
	},
	checkpoint: {
		...{ runId: '0123456789abcdef', step: 10, bytes: 16, savedAt: 1 },
		tensors: [{ name: 'a', kind: 'weight', shape: [2, 2], chunks: [chunk] }],
	},
};
type Kind = keyof typeof documents;
const kinds = Object.keys(documents) as Kind[];

const schemas: Record<Kind, v.GenericSchema> = {
	run: RunContentSchema,
	dataset: DatasetContentSchema,
	rows: RowsSchema,
	model: ModelContentSchema,
	checkpoint: CheckpointSchema,
};

/** The document with what lies at a path changed in place by its owner. */
function changed(kind: Kind, path: readonly Key[], change: (owner: object, key: Key) => unknown) {
	const document = JSON.parse(JSON.stringify(documents[kind])) as object;
	let owner = document;
	for (const key of path.slice(0, -1)) owner = Reflect.get(owner, key) as object;
	change(owner, path.at(-1)!);
	return document;
}

/** The document with another value at a dotted path. */
const withValue = (kind: Kind, path: string, value: unknown) =>
	changed(kind, path.split('.'), (owner, key) => Reflect.set(owner, key, value));

/** Where a document is refused, and why; null where it is not. */
function refusal(kind: Kind, document: unknown): { path: string | null; message: string } | null {
	const { issues } = v.safeParse(schemas[kind], document);
	return issues ? { path: v.getDotPath(issues[0]), message: issues[0].message } : null;
}

/** Paths of everything in a value; what a specification or a tool is made of is told elsewhere. */
function pathsOf(value: unknown, path: readonly Key[] = []): (readonly Key[])[] {
	if (value === null || typeof value !== 'object') return [path];
	const closed = ['spec', 'config', 'tools'].includes(String(path.at(-1)));
	const inner = closed
		? []
		: Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]));
	return path.length > 0 ? [path, ...inner] : inner;
}

test.each(kinds)('a whole document is taken as it is: %s', (kind) => {
	expect(v.parse(schemas[kind], documents[kind])).toEqual(documents[kind]);
});

test.each(kinds)('a value of another kind is refused by its path: %s', (kind) => {
	for (const path of pathsOf(documents[kind])) {
		const wrong = (owner: object, key: Key) =>
			Reflect.set(owner, key, typeof Reflect.get(owner, key) === 'boolean' ? 'true' : true);
		expect(refusal(kind, changed(kind, path, wrong))?.path).toBe(path.join('.'));
	}
});

test('what may be absent', () => {
	const absent = kinds.flatMap((kind) =>
		pathsOf(documents[kind])
			.filter((path) => Number.isNaN(Number(path.at(-1))))
			.filter(
				(path) =>
					!refusal(
						kind,
						changed(kind, path, (owner, key) => Reflect.deleteProperty(owner, key)),
					),
			)
			.map((path) => path.filter((key) => Number.isNaN(Number(key))).slice(-2)),
	);
	expect(new Set(absent.map((path) => path.join('.')))).toEqual(
		new Set([
			...['record.earlier', 'environment.replaced', 'record.chats', 'record.leftOut'],
			...['signature', 'notes', 'cutItems', 'overlap'].map((name) => `results.${name}`),
			...['signature', 'notes', 'cutItems', 'overlap'].map((name) => `rows.${name}`),
			...['predictions.run', 'answers.run', 'chat', 'messages.content', 'chat.tools'],
		]),
	);
});

test('what a later lab adds is kept, but where bytes or lists of tasks are told', () => {
	for (const kind of kinds)
		for (const path of pathsOf(documents[kind])) {
			const value = path.reduce<unknown>(
				(owner, key) => Reflect.get(owner as object, key),
				documents[kind],
			);
			if (value === null || typeof value !== 'object' || Array.isArray(value)) continue;
			const name = path.filter((key) => Number.isNaN(Number(key))).at(-1);
			const document = changed(kind, [...path, 'later'], (owner, key) =>
				Reflect.set(owner, key, 1),
			);
			if (['spec', 'chunks', 'finals'].includes(String(name)))
				expect(refusal(kind, document)?.path).toBe(`${path.join('.')}.later`);
			else expect(v.parse(schemas[kind], document)).toEqual(document);
		}
});

test.each<[Kind, string, string[]]>([
	['run', 'record.status', ['running', 'paused', 'stopped', 'finished', 'failed']],
	['run', 'record.environment.backend', ['webgpu', 'wasm', 'reference']],
	['run', 'results.0.weights', ['base', 'adapted']],
	[
		...(['run', 'results.0.metric'] as const),
		[
			...['loss-per-token', 'macro-f1', 'exact-match', 'token-f1', 'accuracy', 'first-token'],
			...['chrf++', 'bleu', 'comet'],
		],
	],
	['checkpoint', 'tensors.0.kind', ['weight', 'm', 'v', 'packed']],
])('of %s, %s is one of these', (kind, path, values) => {
	for (const value of values) expect(refusal(kind, withValue(kind, path, value))).toBeNull();
	expect(refusal(kind, withValue(kind, path, ''))?.path).toBe(path);
});

test.each<[Kind, string]>([
	['run', 'record.checkpointStep'],
	['run', 'record.receipt'],
	['run', 'record.error'],
	['run', 'results.0.sd'],
	['run', 'results.0.overlap.trained'],
	['dataset', 'record.mapping.instruction'],
	['dataset', 'record.mapping.input'],
])('of %s, %s may be null', (kind, path) => {
	expect(refusal(kind, withValue(kind, path, null))).toBeNull();
});

test('counts are whole numbers from 0 on that a double holds', () => {
	for (const value of [0, 1, Number.MAX_SAFE_INTEGER])
		expect(refusal('run', withValue('run', 'record.steps', value))).toBeNull();
	for (const value of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, '1'])
		expect(refusal('run', withValue('run', 'record.steps', value))?.path).toBe('record.steps');
});

test('numbers that JSON has no word for are read from text', () => {
	const lossOf = (loss: unknown) =>
		v.parse(RunContentSchema, withValue('run', 'metrics.0.loss', loss)).metrics[0]!.loss;
	expect(['NaN', 'Infinity', '-Infinity', -1.5].map(lossOf)).toEqual([
		NaN,
		Infinity,
		-Infinity,
		-1.5,
	]);
	expect(refusal('run', withValue('run', 'metrics.0.loss', '1.5'))?.path).toBe('metrics.0.loss');
});

test.each<[Kind, string, number, string]>([
	['run', 'record.id', 16, 'not the id of a run'],
	['checkpoint', 'runId', 16, 'not the id of a run'],
	['dataset', 'record.id', 32, 'not an id made from content'],
	['model', 'id', 32, 'not an id made from content'],
	['checkpoint', 'tensors.0.chunks.0.hash', 64, 'not a sha-256 in hex'],
])('of %s, %s is %i hex digits and nothing else', (kind, path, length, message) => {
	const digits = '0123456789abcdef'.repeat(4).slice(0, length);
	expect(refusal(kind, withValue(kind, path, digits))).toBeNull();
	for (const other of [digits.slice(1), `${digits}0`, `/${digits}`, digits.toUpperCase(), ''])
		expect(refusal(kind, withValue(kind, path, other))).toEqual({ path, message });
});

test('a chunk is no larger than any that the lab writes', () => {
	const sized = (size: number) =>
		refusal('model', withValue('model', 'files.0.chunks.0.size', size));
	expect(sized(CHUNK_SIZE)).toBeNull();
	expect(sized(CHUNK_SIZE + 1)?.path).toBe('files.0.chunks.0.size');
});

test('a tensor has four bytes of each element, in at most eight dimensions', () => {
	const shaped = (...shape: number[]) =>
		refusal('checkpoint', withValue('checkpoint', 'tensors.0.shape', shape));
	expect(shaped(4)).toBeNull();
	expect(shaped(1, 1, 1, 1, 1, 1, 2, 2)).toBeNull();
	expect(shaped(1, 1, 1, 1, 1, 1, 1, 2, 2)?.path).toBe('tensors.0.shape');
	const message = 'a tensor has more or fewer bytes than its shape says';
	for (const shape of [[16], [2, 3], [0], []])
		expect(shaped(...shape)).toEqual({ path: 'tensors.0', message });
	const halves = [
		{ hash, size: 8 },
		{ hash, size: 8 },
	];
	expect(refusal('checkpoint', withValue('checkpoint', 'tensors.0.chunks', halves))).toBeNull();
});

test('answers to no task are none', () => {
	expect(refusal('run', withValue('run', 'answers', []))).toBeNull();
	expect(refusal('run', withValue('run', 'answers', [[]]))?.path).toBe('answers.0');
});

test('runs of the first versions say nothing of earlier devices', () => {
	const document = changed('run', ['record', 'earlier'], (owner, key) =>
		Reflect.deleteProperty(owner, key),
	);
	expect(v.parse(RunContentSchema, document).record.earlier).toEqual([]);
});
