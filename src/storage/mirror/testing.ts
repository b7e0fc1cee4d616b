/** For tests in Node: a folder in memory that behaves as the browsers' handles do, and a library to copy. */
import type { ColumnMapping } from '../../contract/library.ts';
import { saveCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { addDataset } from '../datasets.ts';
import { addModel } from '../models.ts';
import { saveAnswers, saveFinal, saveMeasurement, saveResults } from '../results.ts';
import { startRun } from '../runs.ts';
import {
	aboutModel,
	environment,
	metricRow,
	runSpec,
	someBytes,
	someTensors,
	stepEvents,
} from '../testing.ts';

/** A file's bytes, or a folder. Both are replaced, never changed: a copy of the map is the folder as it was. */
export type Tree = Map<string, Uint8Array<ArrayBuffer> | Tree>;

/** Called before the last step of every write; what it throws, the write throws, and the former file stays. */
export type Interrupt = (path: string) => void;

const absent = (name: string) => new DOMException(`no ${name}`, 'NotFoundError');

/** A handle on a tree. */
export function folderHandle(
	tree: Tree,
	interrupt: Interrupt = () => undefined,
	within = '',
): FileSystemDirectoryHandle {
	const inner = (name: string, found: Tree) => folderHandle(found, interrupt, `${within}${name}/`);
	const fileHandle = (name: string) => ({
		kind: 'file',
		name,
		getFile: () => Promise.resolve(new File([tree.get(name) as Uint8Array<ArrayBuffer>], name)),
		createWritable: () => {
			const pieces: Uint8Array<ArrayBuffer>[] = [];
			return Promise.resolve({
				write: (piece: Uint8Array<ArrayBuffer>) => {
					pieces.push(piece.slice());
					return Promise.resolve();
				},
				abort: () => Promise.resolve(),
				close: async () => {
					interrupt(within + name);
					tree.set(name, new Uint8Array(await new Blob(pieces).arrayBuffer()));
				},
			});
		},
	});
	const handle = {
		kind: 'directory',
		name: within.split('/').at(-2) ?? 'chosen',
		getDirectoryHandle(name: string, options: { create?: boolean } = {}) {
			const found = tree.get(name) ?? (options.create ? (new Map() as Tree) : null);
			if (!(found instanceof Map)) return Promise.reject(absent(name));
			tree.set(name, found);
			return Promise.resolve(inner(name, found));
		},
		getFileHandle(name: string, options: { create?: boolean } = {}) {
			if (!tree.has(name) && !options.create) return Promise.reject(absent(name));
			if (!tree.has(name)) tree.set(name, new Uint8Array());
			return Promise.resolve(fileHandle(name));
		},
		removeEntry: (name: string) =>
			tree.delete(name) ? Promise.resolve() : Promise.reject(absent(name)),
		async *entries() {
			for (const [name, found] of [...tree]) {
				await Promise.resolve();
				yield [name, found instanceof Map ? inner(name, found) : fileHandle(name)];
			}
		},
	};
	return handle as unknown as FileSystemDirectoryHandle;
}

/** Every file of a tree by its path. */
export function filesOf(tree: Tree, within = ''): Map<string, Blob> {
	return new Map(
		[...tree].flatMap(([name, found]): [string, Blob][] =>
			found instanceof Map
				? [...filesOf(found, `${within}${name}/`)]
				: [[within + name, new Blob([found])]],
		),
	);
}

const mapping: ColumnMapping = { instruction: 'instruction', input: null, output: 'output' };
const rows = [
	{ instruction: 'Sapa jenengmu?', input: '', output: 'Jenengku \u{1F98E} "Gecko"\n' },
	{ instruction: 'b', input: 'c', output: 'd' },
];

/** A model, a dataset and a run with everything that is measured on one; returns their ids. */
export async function smallLibrary(db: LabDatabase) {
	const data = new Blob([someBytes(1000, 3)]);
	const model = await addModel(db, aboutModel, [{ name: 'model.safetensors', data }]);
	const dataset = await addDataset(db, { name: 'pairs', mapping }, rows);
	const base = runSpec();
	const spec = runSpec({ model: model.id, data: { ...base.data, dataset: dataset.id } });
	const { id } = (await startRun(db, spec, environment)).record;
	await saveCheckpoint(db, { runId: id, step: 10, metrics: stepEvents(0, 10) }, someTensors(1));
	await saveResults(db, id, [metricRow, { ...metricRow, weights: 'base', mean: Number.NaN }]);
	await saveFinal(db, id, 'tasks', [{ ...metricRow, metric: 'chrf++', signature: 'nrefs:1' }]);
	await saveFinal(db, model.id, 'tasks', [metricRow]);
	await saveMeasurement(db, id, { step: 0, rows: [metricRow], predictions: [] });
	await saveAnswers(db, id, [
		{
			...{ task: 'words', subject: 'A to B', weights: 'base', prompt: 'p\ud800', expected: 'x' },
			...{ given: 'y', right: false, run: 0 },
		},
	]);
	return { model: model.id, dataset: dataset.id, run: id, spec };
}

/** Everything of a database but the bytes of models and what is not the library's, to compare two. */
export async function recordsOf(db: LabDatabase): Promise<object> {
	const stores = [
		...(['datasets', 'runs', 'metrics', 'checkpoints', 'results'] as const),
		...(['measurements', 'finals', 'answers'] as const),
	];
	const found: [string, unknown][] = [];
	for (const name of stores)
		found.push([name, { keys: await db.getAllKeys(name), values: await db.getAll(name) }]);
	return Object.fromEntries(found);
}
