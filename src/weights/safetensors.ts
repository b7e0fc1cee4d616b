/**
 * safetensors, as Hugging Face writes it: u64 header length, JSON header, little-endian row-major data. One
 * file or shards with an index. Everything a file claims is checked against its size before it is used.
 */
import { badFile } from '../contract/errors.ts';
import type { ByteSource, ParameterShape } from '../contract/model.ts';
import { decodeInto, dtypeBytes, findNotFinite, isDtype, type Dtype } from './dtype.ts';
import { readHeader, type TensorEntry } from './header.ts';

import { findShards } from './shards.ts';

/** The tensors of a model folder. */
export interface TensorIndex {
	readonly names: readonly string[];
	/** Tensors an index names that its shards do not hold, and where it places each. */
	readonly promised: ReadonlyMap<string, string>;
	/** Sentences on what of the files is not used. */
	readonly notes: readonly string[];
	/** Throws `BadInput` for a name the files do not hold. */
	shape(name: string): readonly number[];
	/** The values as f32. Throws `BadInput` naming file and tensor where one is NaN or infinite. */
	read(name: string): Promise<Float32Array<ArrayBuffer>>;
	/** Rows of a matrix, numbers rising, as f32 [rows, width]; the rest of it is not read. Throws as `read` does. */
	readRows(name: string, rows: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
}

/** Bytes fetched at once while a tensor is converted, so that it is never held twice. A multiple of 4. */
const chunkBytes = 16 * 2 ** 20;

/**
 * Opens `model.safetensors`, or the shards `model.safetensors.index.json` names, and checks every header. As in
 * transformers what a shard holds counts, whatever the index says of it; of two copies of a tensor it is the one in
 * the last shard by name. Other files are ignored. Throws `BadInput` naming file and tensor.
 */
export async function openTensors(sources: readonly ByteSource[]): Promise<TensorIndex> {
	const { files, placement, source, notes } = await findShards(sources);
	const tensors = new Map<string, TensorEntry>();
	const copies = new Set<string>();
	for (const file of files)
		for (const entry of await readHeader(file)) {
			if (tensors.has(entry.name)) copies.add(entry.name);
			tensors.set(entry.name, entry);
		}
	const names = new Set(files.map(({ name }) => name));
	const promised = new Map(
		[...placement]
			.filter(([name]) => !tensors.has(name))
			.map(([name, file]) => {
				const lack = names.has(file) ? 'which does not hold it' : 'which is not among the files';
				return [name, `${source} places it in ${file}, ${lack}`];
			}),
	);
	const told = copies.size > 0 ? [...notes, copyNote(tensors, [...copies])] : notes;
	return indexTensors(tensors, files[0]?.name ?? source, promised, told);
}

function copyNote(tensors: ReadonlyMap<string, TensorEntry>, names: readonly string[]): string {
	const [name = ''] = names;
	const more = names.length > 1 ? `, and ${names.length - 1} more,` : '';
	const where = tensors.get(name)?.source.name ?? '';
	return `"${name}"${more} is in several shards; the copy in the last of them (${where}) is used, as in transformers.`;
}

/** Tensors by name; `file` is named where one is asked for that is not there. */
export function indexTensors(
	tensors: ReadonlyMap<string, TensorEntry>,
	file: string,
	promised: TensorIndex['promised'] = new Map(),
	notes: readonly string[] = [],
): TensorIndex {
	const find = (name: string): TensorEntry => {
		const entry = tensors.get(name);
		if (!entry) throw badFile(file, `no tensor "${name}"`);
		return entry;
	};
	return {
		names: [...tensors.keys()],
		promised,
		notes,
		shape: (name) => find(name).shape,
		read: (name) => readTensor(find(name)),
		readRows: (name, rows) => readRows(find(name), rows),
	};
}

/** How many names a message lists before it only counts. */
const listed = 5;

/**
 * Compares the files with what the architecture needs. Throws `BadInput` listing missing, surplus and
 * mis-shaped tensors. Rotary tables of old checkpoints are ignored.
 */
export function checkTensors(
	index: Pick<TensorIndex, 'names' | 'shape' | 'promised'>,
	shapes: readonly Pick<ParameterShape, 'name' | 'shape'>[],
	file = 'model.safetensors',
): void {
	const present = new Set(index.names);
	const needed = new Set(shapes.map(({ name }) => name));
	const missing = shapes.filter(({ name }) => !present.has(name)).map(({ name }) => name);
	const place = missing
		.map((name) => index.promised.get(name))
		.find((found) => found !== undefined);
	const surplus = index.names.filter((name) => !needed.has(name) && !isIgnored(name));
	const misshaped = shapes
		.filter(({ name, shape }) => present.has(name) && !sameShape(index.shape(name), shape))
		.map(({ name, shape }) => `${name} [${index.shape(name).join()}], not [${shape.join()}]`);
	const problems = [
		describe('missing', missing, place),
		describe('not part of this architecture', surplus),
		describe('of another shape than config.json asks for', misshaped),
	].filter((problem) => problem !== null);
	if (problems.length === 0) return;
	throw badFile(
		file,
		`the tensors do not fit config.json: ${problems.join('; ')}. Take all files of one checkpoint`,
	);
}

function describe(what: string, names: readonly string[], place?: string): string | null {
	if (names.length === 0) return null;
	const rest = names.length - listed;
	const more = rest > 0 ? ` and ${rest} more` : '';
	const where = place === undefined ? '' : ` (${place})`;
	return `${names.length} ${what}: ${names.slice(0, listed).join(', ')}${more}${where}`;
}

const isIgnored = (name: string): boolean => name.endsWith('rotary_emb.inv_freq');

function sameShape(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function readTensor(entry: TensorEntry): Promise<Float32Array<ArrayBuffer>> {
	return readElements(entry, 0, (entry.end - entry.begin) / dtypeBytes[supportedDtype(entry)]);
}

async function readElements(
	entry: TensorEntry,
	from: number,
	count: number,
): Promise<Float32Array<ArrayBuffer>> {
	const { source, name } = entry;
	const dtype = supportedDtype(entry);
	const size = dtypeBytes[dtype];
	const values = new Float32Array(count);
	const begin = entry.begin + from * size;
	const end = begin + count * size;
	for (let at = begin; at < end; at += chunkBytes) {
		const stop = Math.min(end, at + chunkBytes);
		const bytes = await source.read(at, stop);
		if (bytes.length !== stop - at) {
			throw badFile(
				source.name,
				`${bytes.length} of ${stop - at} bytes of "${name}" could be read`,
			);
		}
		const first = (at - begin) / size;
		const part = values.subarray(first, first + (stop - at) / size);
		decodeInto(part, bytes, dtype);
		const bad = findNotFinite(part);
		if (bad >= 0) {
			throw badFile(
				source.name,
				`tensor "${name}" holds ${part[bad] ?? NaN} at element ${from + first + bad}; the file is damaged or ` +
					'its training diverged: take another copy or an earlier checkpoint',
			);
		}
	}
	return values;
}

async function readRows(
	entry: TensorEntry,
	rows: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
	const [count = 0, width = 1] = entry.shape;
	const outside = rows.find((row) => row < 0 || row >= count);
	if (outside !== undefined)
		throw badFile(
			entry.source.name,
			`tensor "${entry.name}" has ${count} rows, none is ${outside}`,
		);
	const values = new Float32Array(rows.length * width);
	let at = 0;
	for (const run of runs(rows, Math.floor(chunkBytes / 4 / width))) {
		const [first = 0] = run;
		const last = run.at(-1) ?? first;
		const part = await readElements(entry, first * width, (last - first + 1) * width);
		for (const row of run) {
			const from = (row - first) * width;
			values.set(part.subarray(from, from + width), at);
			at += width;
		}
	}
	return values;
}

/** Rows this near to each other are fetched at once: a request costs more than the rows between. */
const nearRows = 32;

/** Rising numbers in runs of near ones that reach over at most `longest` rows. */
function runs(rows: readonly number[], longest: number): number[][] {
	const found: number[][] = [];
	let run: number[] = [];
	for (const row of rows) {
		const first = run[0] ?? row;
		const near = row - (run.at(-1) ?? row) <= nearRows && row - first < Math.max(1, longest);
		if (!near || run.length === 0) found.push((run = []));
		run.push(row);
	}
	return found;
}

function supportedDtype({ source, name, dtype }: TensorEntry): Dtype {
	if (isDtype(dtype)) return dtype;
	throw badFile(source.name, `tensor "${name}" has dtype ${dtype}; F32, F16 and BF16 can be read`);
}
