/** Libraries as files: archives, and the documents in them, sealed again so that what is behind the seal is reached. */
import { badFile } from '../../contract/errors.ts';
import { runId } from '../../contract/runId.ts';
import { sha256 } from '../../contract/sha256.ts';
import type { RunSpec } from '../../contract/spec.ts';
import { initialSpec } from '../../state/defaults.ts';
import { contentId } from '../../storage/identity.ts';
import { type DocumentKind, formatVersion, paths } from '../../storage/mirror/format.ts';
import {
	checkpointsIn,
	findLibrary,
	idsIn,
	readChunkFile,
	readDatasetFile,
	readModelFile,
	readRunFile,
	savedAt,
} from '../../storage/mirror/reading.ts';
import { encodeTar } from '../../weights/tar.ts';
import { parseJson } from '../../weights/input.ts';
import { readTar } from '../../weights/untar.ts';
import { byteMutators } from '../mutate/bytes.ts';
import { jsonMutators } from '../mutate/json.ts';
import { tarMutators } from '../mutate/tar.ts';
import { claim, joined, jsonBytes, type Target, utf8 } from '../target.ts';

const content = [utf8('{"content":1}'), utf8('x'.repeat(600))];
const archived = ['library.json', `runs/${'0'.repeat(16)}.json`, `chunks/${'a'.repeat(64)}`];

export const archive: Target = {
	name: 'archive',
	seeds: () => [
		joined(
			encodeTar(
				'lab',
				archived.map((name) => ({ name, parts: content })),
			),
		),
		joined(encodeTar('lab', [{ name: 'library.json', parts: [] }])),
	],
	mutators: [...byteMutators, ...tarMutators, ...tarMutators],
	async read(bytes) {
		const files = findLibrary(await readTar(new Blob([bytes]), 'lab.tar'), 'lab.tar');
		for (const [path, file] of files) {
			claim(!path.startsWith('/') && !path.split('/').includes('..'), `"${path}" leads out of it`);
			claim((await file.arrayBuffer()).byteLength === file.size, 'a file has fewer bytes');
		}
		await savedAt(files);
		for (const folder of ['runs', 'models', 'datasets'] as const) idsIn(files, folder);
	},
};

/** Stands for the id that follows from what the document holds. */
const made = { run: '0'.repeat(16), content: '0'.repeat(32) };

const spec = { ...initialSpec, model: 'm', data: { ...initialSpec.data, dataset: 'd' } };
const environment = {
	...{ backend: 'wasm', adapter: 'a', software: false, userAgent: 'u', version: '1' },
};
const row = {
	...{ task: 't', subject: 's', metric: 'accuracy', weights: 'base', mean: 0.5, sd: null },
	...{ runs: 1, count: 2, shortened: 0 },
};
const answer = { prompt: 'p', expected: 'a', given: 'b', right: false };
const record = {
	...{ id: made.run, spec, status: 'finished', steps: 1, checkpointStep: null, environment },
	...{ earlier: [], receipt: null, error: null, startedAt: 1, updatedAt: 2 },
};
const step = { step: 1, loss: 'NaN', gradientNorm: 1, learningRate: 0.1, tokens: 3, seconds: 0.5 };
const chunk = { hash: 'a'.repeat(64), size: 4 };
const documents: Readonly<Record<DocumentKind, object>> = {
	run: {
		...{ record, metrics: [step], results: [row], finals: [{ tasks: 'x', rows: [row] }] },
		measurements: [{ step: 1, rows: [row], predictions: [answer] }],
		answers: [[{ ...answer, task: 't', subject: 's', weights: 'base' }]],
	},
	model: {
		...{ id: made.content, name: 'm', parameters: 4, bytes: 4, addedAt: 1, config: {} },
		...{ files: [{ name: 'config.json', size: 4, chunks: [chunk] }], finals: [] },
	},
	dataset: {
		record: {
			...{ id: made.content, name: 'd', rows: 1, bytes: 4, addedAt: 1 },
			mapping: { instruction: null, input: null, output: 'o' },
		},
	},
	checkpoint: {
		...{ runId: made.run, step: 1, bytes: 4, savedAt: 1 },
		tensors: [{ name: 'w', kind: 'weight', shape: [1], chunks: [chunk] }],
	},
	library: { savedAt: 1 },
};

/** Reads the document of a kind as the restoring of a library does. */
const readers: Readonly<Record<DocumentKind, (text: string, json: unknown) => Promise<void>>> = {
	async run(text, json) {
		const { record } = (json ?? {}) as { readonly record?: { readonly spec?: unknown } };
		const id = await specId(record?.spec);
		await readRunFile(await library('run', paths.run(id), text.replaceAll(made.run, id)), id);
	},
	async model(text, json) {
		const files: unknown = (json as { readonly files?: unknown } | null)?.files;
		const names = Array.isArray(files) ? (files as unknown[]).map(named) : [];
		const id = await contentId(names).catch(() => made.content);
		const document = text.replaceAll(made.content, id);
		const found = await readModelFile(await library('model', paths.model(id), document), id);
		for (const { chunks } of found.files)
			for (const reference of chunks) await readChunkFile(new Map(), reference).catch(refusedOnly);
	},
	async dataset(text) {
		const files = await library('dataset', paths.dataset(made.content), text);
		files.set(paths.rows(made.content), new Blob(['[{}]']));
		await readDatasetFile(files, made.content);
	},
	async checkpoint(text) {
		const files = await library('checkpoint', paths.checkpoint(made.run, 1), text);
		for (const checkpoint of checkpointsIn(files, made.run)) await checkpoint.read();
	},
	async library(text) {
		await savedAt(await library('library', paths.index, text));
	},
};

const named = (file: unknown): object => {
	const { name, chunks } = (file ?? {}) as { readonly name?: unknown; readonly chunks?: unknown };
	return { name, chunks };
};

/** Too deep to be written again: it is refused as it is. */
async function specId(value: unknown): Promise<string> {
	try {
		return await runId(value as RunSpec);
	} catch (error) {
		if (error instanceof RangeError) return made.run;
		throw error;
	}
}

function refusedOnly(error: unknown): void {
	if (!(error instanceof Error && error.name === 'BadInput')) throw error;
}

/** As `sealDocument` does, without the indentation, which of deep nesting is more than the text. */
async function library(kind: DocumentKind, path: string, text: string): Promise<Map<string, Blob>> {
	const head = {
		format: `cogsym-lab ${kind}`,
		version: formatVersion,
		sha256: await sha256(utf8(text)),
	};
	const sealed = `${JSON.stringify(head).slice(0, -1)},"content":${text}}`;
	return new Map([[path, new Blob([sealed])]]);
}

const documentTarget = (kind: DocumentKind): Target => ({
	name: `library-${kind}`,
	seeds: () => [jsonBytes(documents[kind])],
	mutators: [...byteMutators, ...jsonMutators, ...jsonMutators],
	async read(bytes) {
		const json = parseJson(bytes, 'document.json');
		let text: string;
		try {
			text = JSON.stringify(json);
		} catch {
			throw badFile('document.json', 'too deep to be written again');
		}
		await readers[kind](text, json);
	},
});

export const libraryDocuments: readonly Target[] = (
	['run', 'model', 'dataset', 'checkpoint'] as const
).map(documentTarget);
