/** The header of one safetensors file, checked: what it lists lies inside the file, without overlap and without holes. */
import { badFile } from '../contract/errors.ts';
import * as v from 'valibot';
import type { ByteSource } from '../contract/model.ts';
import { dtypeBytes, isDtype } from './dtype.ts';
import { parseJson } from './input.ts';

/** One tensor of a file. `begin` and `end` are bytes of the file. */
export interface TensorEntry {
	readonly source: ByteSource;
	readonly name: string;
	readonly dtype: string;
	readonly shape: readonly number[];
	readonly begin: number;
	readonly end: number;
}

/** The limit of the reference implementation (huggingface/safetensors, `MAX_HEADER_SIZE`). */
const maximumHeader = 100_000_000;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const EntrySchema = v.object({
	dtype: v.string(),
	shape: v.array(whole),
	data_offsets: v.tuple([whole, whole]),
});

/** Reads and checks a header; entries come in the order of their bytes. Throws `BadInput` naming file and tensor. */
export async function readHeader(source: ByteSource): Promise<TensorEntry[]> {
	const length = await readLength(source);
	const start = 8 + length;
	const json = parseJson(await source.read(8, start), `${source.name} (header)`);
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw badFile(source.name, 'the header is not a JSON object; this is not a safetensors file');
	}
	const entries = Object.entries(json)
		.filter(([name]) => name !== '__metadata__')
		.map(([name, value]) => readEntry(source, name, value, start));
	entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
	checkLayout(source, entries, start);
	return entries;
}

async function readLength(source: ByteSource): Promise<number> {
	if (source.size < 8) {
		throw badFile(
			source.name,
			`${source.size} bytes are too few for a safetensors file; download it again`,
		);
	}
	const bytes = await source.read(0, 8);
	const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
	if (length > BigInt(source.size - 8) || length > BigInt(maximumHeader)) {
		throw badFile(
			source.name,
			`the header claims ${String(length)} bytes, the file has ${source.size}; it is truncated or not a ` +
				'safetensors file: download it again',
		);
	}
	return Number(length);
}

function readEntry(source: ByteSource, name: string, value: unknown, start: number): TensorEntry {
	const fail = (problem: string): never => {
		throw badFile(source.name, `tensor "${name}" ${problem}`);
	};
	const parsed = v.safeParse(EntrySchema, value);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		return fail(`has a malformed header entry: ${v.getDotPath(issue) ?? ''} ${issue.message}`);
	}
	const { dtype, shape, data_offsets: offsets } = parsed.output;
	const begin = start + offsets[0];
	const end = start + offsets[1];
	if (end < begin) fail(`ends before it begins (data_offsets ${offsets.join()})`);
	if (end > source.size) {
		fail(
			`reaches to byte ${end}, the file ends at ${source.size}; it is truncated: download it again`,
		);
	}
	if (isDtype(dtype)) {
		const bytes = shape.reduce((product, size) => product * size, dtypeBytes[dtype]);
		if (bytes !== end - begin) {
			fail(
				`of ${dtype} [${shape.join()}] needs ${bytes} bytes, its data_offsets hold ${end - begin}`,
			);
		}
	} else if (!/(rotary_emb\.inv_freq|position_ids)$/.test(name)) {
		fail(
			`has dtype ${dtype}; F32, F16 and BF16 can be read: convert the checkpoint to one of them`,
		);
	}
	return { source, name, dtype, shape, begin, end };
}

function checkLayout(source: ByteSource, entries: readonly TensorEntry[], start: number): void {
	let at = start;
	let previous = 'the header';
	for (const { name, begin, end } of entries) {
		if (begin < at) {
			throw badFile(source.name, `tensors "${previous}" and "${name}" overlap; download it again`);
		}
		if (begin > at) {
			throw badFile(
				source.name,
				`${begin - at} bytes before tensor "${name}" belong to no tensor; download it again`,
			);
		}
		at = end;
		previous = name;
	}
	if (at !== source.size) {
		throw badFile(
			source.name,
			`${source.size - at} bytes after the last tensor belong to none; download it again`,
		);
	}
}
