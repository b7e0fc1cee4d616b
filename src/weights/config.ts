/** `config.json` of a Hugging Face folder -> the architecture, in the spelling of transformers 4 or 5. */
import { badFile } from '../contract/errors.ts';
import * as v from 'valibot';
import type { ModelConfig } from '../contract/model.ts';
import {
	ConfigSchema,
	type Family,
	type FamilyDefaults,
	type RawConfig,
} from '../engine/model/families/family.ts';
import { familyOf, supported } from '../engine/model/families/registry.ts';
import { ropeNotes } from '../engine/model/families/rope.ts';
import { refuseUnsupported, unusedKeys } from './configKeys.ts';

/**
 * Reads the architecture. `file` names the source in messages. Whether the head is the embedding is what the key says:
 * the files decide (`resolveHead`); end tokens are those the key names, as far as they can occur.
 * Throws `BadInput` for another model type (with the list of supported ones), a missing or malformed key, and
 * every feature that would change the result and is not implemented, by its key.
 */
export function parseConfig(json: unknown, file: string): ModelConfig {
	const family = readFamily(json, file);
	const parsed = v.safeParse(ConfigSchema, json);
	if (!parsed.success) throw badFile(file, describeIssue(parsed.issues[0]));
	const raw = parsed.output;
	refuseOtherHeads(raw, family, file);
	refuseUnsupported(raw, family.keys, file, supported);
	const { type, defaults } = family;
	const contextLength = raw.max_position_embeddings ?? defaults.contextLength;
	const { recipe, rotations, ...traits } = family.traits(raw, contextLength, file);
	return {
		family: type,
		familyLabel: family.label,
		hiddenSize: raw.hidden_size,
		intermediateSize: raw.intermediate_size,
		layers: raw.num_hidden_layers,
		...readHeads(raw, defaults, file),
		vocabularySize: raw.vocab_size,
		contextLength,
		rmsNormEpsilon: raw.rms_norm_eps ?? defaults.rmsNormEpsilon,
		...traits,
		queryKeyNorm: recipe.queryKeyNorm !== null,
		recipe,
		...(rotations && { rotations }),
		tiedEmbeddings: raw.tie_word_embeddings ?? defaults.tiedEmbeddings,
		...readSpecialTokens(raw, defaults),
	};
}

function readFamily(json: unknown, file: string): Family {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw badFile(file, 'not a JSON object; it must be the config.json of a Hugging Face model');
	}
	const type = 'model_type' in json ? json.model_type : undefined;
	if (typeof type !== 'string') {
		throw badFile(file, `"model_type" is missing, so the architecture is unknown; ${supported}`);
	}
	const family = familyOf(type);
	if (family) return family;
	throw badFile(file, `model type "${type}" is not supported; ${supported}`);
}

function refuseOtherHeads(raw: RawConfig, { architecture }: Family, file: string): void {
	const names = raw.architectures ?? [];
	if (names.length === 0 || names.includes(architecture)) return;
	throw badFile(
		file,
		`"architectures": ${JSON.stringify(names)} is not supported; needed is ${architecture}`,
	);
}

/** Sentences on keys that are not used, and on those of which one took the other's place. For a file that was parsed. */
export function configNotes(json: unknown, type: string, file: string): string[] {
	const raw = v.parse(ConfigSchema, json);
	const read = new Set([...Object.keys(ConfigSchema.entries), ...(familyOf(type)?.keys ?? [])]);
	return [...ropeNotes(raw, file), ...unusedKeys(raw, read, familyOf(type)?.slides ?? true, file)];
}

function readHeads(
	raw: RawConfig,
	defaults: FamilyDefaults,
	file: string,
): Pick<ModelConfig, 'heads' | 'keyValueHeads' | 'headDim'> {
	const heads = raw.num_attention_heads;
	const absent = raw.num_key_value_heads === undefined ? defaults.keyValueHeads : null;
	const keyValueHeads = raw.num_key_value_heads ?? absent ?? heads;
	if (heads % keyValueHeads !== 0) {
		throw badFile(
			file,
			`"num_attention_heads" ${heads} is not a multiple of "num_key_value_heads" ${keyValueHeads}`,
		);
	}
	const ownDim = raw.head_dim === undefined ? defaults.headDim : null;
	const headDim = raw.head_dim ?? ownDim ?? raw.hidden_size / heads;
	if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
		throw badFile(
			file,
			`a head of ${headDim} numbers cannot be rotated: "head_dim", or "hidden_size" ${raw.hidden_size} / ` +
				`"num_attention_heads" ${heads}, must be an even whole number`,
		);
	}
	return { heads, keyValueHeads, headDim };
}

/** Ids that the vocabulary does not reach never occur, and are left out. */
function readSpecialTokens(
	raw: RawConfig,
	defaults: FamilyDefaults,
): Pick<ModelConfig, 'bosTokenId' | 'eosTokenIds'> {
	const bos = raw.bos_token_id === undefined ? defaults.bos : raw.bos_token_id;
	const eos = raw.eos_token_id === undefined ? defaults.eos : raw.eos_token_id;
	const occurs = (id: number) => id >= 0 && id < raw.vocab_size;
	const eosTokenIds = eos === null ? [] : typeof eos === 'number' ? [eos] : eos;
	return {
		bosTokenId: bos !== null && occurs(bos) ? bos : null,
		eosTokenIds: eosTokenIds.filter(occurs),
	};
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
	const key = v.getDotPath(issue) ?? '';
	if (issue.received === 'undefined') return `"${key}" is missing`;
	return `"${key}" is ${issue.received}, expected ${issue.expected ?? 'another value'}`;
}
