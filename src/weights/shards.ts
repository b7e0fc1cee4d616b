/** Which safetensors files of a folder hold the model. */
import * as v from 'valibot';
import type { ByteSource } from '../contract/model.ts';
import { badFile, readJson } from './input.ts';

const single = 'model.safetensors';
const indexName = 'model.safetensors.index.json';

/** Files to open, and where the index (if there is one) places each tensor. */
export interface Shards {
	readonly files: readonly ByteSource[];
	readonly placement: ReadonlyMap<string, { readonly file: string; readonly index: string }>;
}

const IndexSchema = v.looseObject({ weight_map: v.record(v.string(), v.string()) });

/**
 * Takes `model.safetensors`, else the shards of `model.safetensors.index.json`, else the only safetensors file there
 * is. Throws `BadInput` where shards the index names are absent.
 */
export async function findShards(sources: readonly ByteSource[]): Promise<Shards> {
	const byName = new Map(sources.map((source) => [source.name, source]));
	const whole = byName.get(single);
	if (whole) return { files: [whole], placement: new Map() };
	const index = byName.get(indexName);
	if (index) return readIndex(index, byName);
	const candidates = sources.filter(({ name }) => name.endsWith('.safetensors'));
	if (candidates.length === 1) return { files: candidates, placement: new Map() };
	if (candidates.length === 0) {
		throw badFile(single, 'not among the files; only safetensors weights can be read, add them');
	}
	const names = candidates.map(({ name }) => name).join(', ');
	throw badFile(indexName, `not among the files, though there are shards (${names}); add it`);
}

async function readIndex(
	index: ByteSource,
	byName: ReadonlyMap<string, ByteSource>,
): Promise<Shards> {
	const parsed = v.safeParse(IndexSchema, await readJson(index));
	if (!parsed.success) {
		throw badFile(indexName, '"weight_map" is missing or malformed; download it again');
	}
	const placement = new Map(
		Object.entries(parsed.output.weight_map).map(([name, file]) => [
			name,
			{ file, index: index.name },
		]),
	);
	const names = [...new Set(Object.values(parsed.output.weight_map))].sort();
	if (names.length === 0)
		throw badFile(indexName, '"weight_map" names no tensor; download it again');
	const missing = names.filter((name) => !byName.has(name));
	if (missing.length > 0) {
		throw badFile(
			indexName,
			`${missing.length} of ${names.length} shards are not among the files: ${missing.slice(0, 5).join(', ')}; ` +
				'add them',
		);
	}
	return { files: names.flatMap((name) => byName.get(name) ?? []), placement };
}
