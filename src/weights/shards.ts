/** Which safetensors files of a folder hold the model. */
import { badFile } from '../contract/errors.ts';
import * as v from 'valibot';
import type { ByteSource } from '../contract/model.ts';
import { readJson } from './input.ts';

const single = 'model.safetensors';
const indexName = 'model.safetensors.index.json';

/** Files to open, and where the index (if there is one) places each tensor. */
export interface Shards {
	readonly files: readonly ByteSource[];
	/** Of tensors the index names: the shard, which may be absent. */
	readonly placement: ReadonlyMap<string, string>;
	/** The index's name; of a single file its own. */
	readonly source: string;
	/** Sentences on files that are not used. */
	readonly notes: readonly string[];
}

const IndexSchema = v.looseObject({ weight_map: v.record(v.string(), v.string()) });

/**
 * Takes `model.safetensors`, else the shards of `model.safetensors.index.json` that are there, else the only
 * safetensors file there is. Throws `BadInput` where none is.
 */
export async function findShards(sources: readonly ByteSource[]): Promise<Shards> {
	const byName = new Map(sources.map((source) => [source.name, source]));
	const whole = byName.get(single);
	const index = byName.get(indexName);
	if (whole) {
		const notes = index ? [`${indexName} and its shards are not used: ${single} is there.`] : [];
		return { files: [whole], placement: new Map(), source: single, notes };
	}
	if (index) return readIndex(index, byName);
	const candidates = sources.filter(({ name }) => name.endsWith('.safetensors'));
	const [only] = candidates;
	if (only && candidates.length === 1)
		return { files: [only], placement: new Map(), source: only.name, notes: [] };
	if (!only) {
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
	const placement = new Map(Object.entries(parsed.output.weight_map));
	const names = [...new Set(placement.values())].sort();
	if (names.length === 0)
		throw badFile(indexName, '"weight_map" names no tensor; download it again');
	const files = names.flatMap((name) => byName.get(name) ?? []);
	if (files.length === 0) {
		throw badFile(
			indexName,
			`none of ${names.length} shards is among the files: ${names.slice(0, 5).join(', ')}; add them`,
		);
	}
	return { files, placement, source: index.name, notes: [] };
}
