/** `config.json` of a Hugging Face folder -> the architecture, in the spelling of transformers 4 or 5. */
import * as v from 'valibot';
import type { ModelConfig, ModelFamily, ParameterShape } from '../contract/model.ts';
import { refuseUnsupported, unusedKeys } from './configKeys.ts';
import { badFile } from './input.ts';
import { readRope, ropeNotes } from './rope.ts';

/** No size of a model is larger: what is beyond is a damaged file, refused before anything is made of that size. */
const largestSize = 2 ** 31 - 1;
/** The deepest models have some 200 layers. */
const mostLayers = 10_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largestSize));
const tokenId = v.pipe(v.number(), v.integer());
const record = v.record(v.string(), v.unknown());

/** The keys that are read. A key may be absent (transformers' default) or null (its own meaning). */
const ConfigSchema = v.looseObject({
	model_type: v.string(),
	architectures: v.nullish(v.array(v.string())),
	hidden_size: count,
	intermediate_size: count,
	num_hidden_layers: v.pipe(count, v.maxValue(mostLayers)),
	num_attention_heads: count,
	num_key_value_heads: v.nullish(count),
	head_dim: v.nullish(count),
	vocab_size: count,
	max_position_embeddings: v.nullish(count),
	rms_norm_eps: v.nullish(v.pipe(v.number(), v.finite(), v.minValue(0))),
	hidden_act: v.nullish(v.string()),
	tie_word_embeddings: v.nullish(v.boolean()),
	attention_bias: v.nullish(v.boolean()),
	rope_theta: v.optional(v.nullable(v.number())),
	rope_scaling: v.nullish(record),
	rope_parameters: v.nullish(record),
	sliding_window: v.optional(v.nullable(count)),
	use_sliding_window: v.nullish(v.boolean()),
	max_window_layers: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
	layer_types: v.nullish(v.array(v.string())),
	bos_token_id: v.optional(v.nullable(tokenId)),
	eos_token_id: v.optional(v.nullable(v.union([tokenId, v.array(tokenId)]))),
});
export type RawConfig = v.InferOutput<typeof ConfigSchema>;

/** What transformers 5.18 takes for a key that is absent (`configuration_<family>.py`). */
interface FamilyDefaults {
	readonly architecture: string;
	/** null: as many as query heads. */
	readonly keyValueHeads: number | null;
	/** null: hidden_size / num_attention_heads. */
	readonly headDim: number | null;
	readonly contextLength: number;
	readonly bos: number | null;
	readonly eos: number | null;
}

const families: Readonly<Record<ModelFamily, FamilyDefaults>> = {
	llama: {
		architecture: 'LlamaForCausalLM',
		keyValueHeads: null,
		headDim: null,
		contextLength: 2048,
		bos: 1,
		eos: 2,
	},
	mistral: {
		architecture: 'MistralForCausalLM',
		keyValueHeads: 8,
		headDim: null,
		contextLength: 131072,
		bos: 1,
		eos: 2,
	},
	qwen2: {
		architecture: 'Qwen2ForCausalLM',
		keyValueHeads: 32,
		headDim: null,
		contextLength: 32768,
		bos: null,
		eos: null,
	},
	qwen3: {
		architecture: 'Qwen3ForCausalLM',
		keyValueHeads: 32,
		headDim: 128,
		contextLength: 32768,
		bos: null,
		eos: null,
	},
};

const supported =
	'supported are llama (Llama 2, 3, 3.1, 3.2, 3.3, SmolLM2), mistral, qwen2 (Qwen2, Qwen2.5), qwen3';

/** Sliding window of Mistral and Qwen where the key is absent. */
const defaultWindow = 4096;

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
	refuseUnsupported(raw, file, supported);
	const defaults = families[family];
	const contextLength = raw.max_position_embeddings ?? defaults.contextLength;
	const bias = raw.attention_bias === true && (family === 'llama' || family === 'qwen3');
	return {
		family,
		hiddenSize: raw.hidden_size,
		intermediateSize: raw.intermediate_size,
		layers: raw.num_hidden_layers,
		...readHeads(raw, defaults, file),
		vocabularySize: raw.vocab_size,
		contextLength,
		rmsNormEpsilon: raw.rms_norm_eps ?? 1e-6,
		...readRope(raw, contextLength, file),
		windows: readWindows(raw, family, file),
		queryKeyValueBias: family === 'qwen2' || bias,
		outputBias: bias,
		queryKeyNorm: family === 'qwen3',
		tiedEmbeddings: raw.tie_word_embeddings ?? false,
		...readSpecialTokens(raw, defaults),
	};
}

/** Every parameter of the model with its Hugging Face name; no `lm_head.weight` where it is the embedding itself. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
	const embedding = [config.vocabularySize, config.hiddenSize];
	const shapes: ParameterShape[] = [
		{ name: 'model.embed_tokens.weight', shape: embedding, layer: null },
	];
	for (let layer = 0; layer < config.layers; layer++) shapes.push(...layerShapes(config, layer));
	shapes.push({ name: 'model.norm.weight', shape: [config.hiddenSize], layer: null });
	if (!config.tiedEmbeddings) {
		shapes.push({ name: 'lm_head.weight', shape: embedding, layer: null });
	}
	return shapes;
}

function layerShapes(config: ModelConfig, layer: number): ParameterShape[] {
	const { hiddenSize, intermediateSize, headDim } = config;
	const queries = config.heads * headDim;
	const keys = config.keyValueHeads * headDim;
	const shapes: ParameterShape[] = [];
	const add = (name: string, ...shape: number[]) =>
		shapes.push({ name: `model.layers.${layer}.${name}`, shape, layer });
	const project = (name: string, outputs: number, inputs: number, bias: boolean) => {
		add(`self_attn.${name}_proj.weight`, outputs, inputs);
		if (bias) add(`self_attn.${name}_proj.bias`, outputs);
	};
	project('q', queries, hiddenSize, config.queryKeyValueBias);
	project('k', keys, hiddenSize, config.queryKeyValueBias);
	project('v', keys, hiddenSize, config.queryKeyValueBias);
	project('o', hiddenSize, queries, config.outputBias);
	if (config.queryKeyNorm) {
		add('self_attn.q_norm.weight', headDim);
		add('self_attn.k_norm.weight', headDim);
	}
	add('mlp.gate_proj.weight', intermediateSize, hiddenSize);
	add('mlp.up_proj.weight', intermediateSize, hiddenSize);
	add('mlp.down_proj.weight', hiddenSize, intermediateSize);
	add('input_layernorm.weight', hiddenSize);
	add('post_attention_layernorm.weight', hiddenSize);
	return shapes;
}

function readFamily(json: unknown, file: string): ModelFamily {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw badFile(file, 'not a JSON object; it must be the config.json of a Hugging Face model');
	}
	const type = 'model_type' in json ? json.model_type : undefined;
	if (typeof type !== 'string') {
		throw badFile(file, `"model_type" is missing, so the architecture is unknown; ${supported}`);
	}
	if (!Object.hasOwn(families, type)) {
		throw badFile(file, `model type "${type}" is not supported; ${supported}`);
	}
	return type as ModelFamily;
}

function refuseOtherHeads(raw: RawConfig, family: ModelFamily, file: string): void {
	const { architecture } = families[family];
	const names = raw.architectures ?? [];
	if (names.length === 0 || names.includes(architecture)) return;
	throw badFile(
		file,
		`"architectures": ${JSON.stringify(names)} is not supported; needed is ${architecture}`,
	);
}

/** Sentences on keys that are not used, and on those of which one took the other's place. For a file that was parsed. */
export function configNotes(json: unknown, family: ModelFamily, file: string): string[] {
	const raw = v.parse(ConfigSchema, json);
	const read = new Set(Object.keys(ConfigSchema.entries));
	return [...ropeNotes(raw, file), ...unusedKeys(raw, read, family, file)];
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

/** Llama attends fully, Mistral slides in every layer, Qwen in the layers `layer_types` or `max_window_layers` say. */
function readWindows(raw: RawConfig, family: ModelFamily, file: string): (number | null)[] {
	const stated = raw.sliding_window === undefined ? defaultWindow : raw.sliding_window;
	const isQwen = family === 'qwen2' || family === 'qwen3';
	const on = family === 'mistral' || (isQwen && raw.use_sliding_window === true);
	const window = on ? stated : null;
	const firstSliding = isQwen ? (raw.max_window_layers ?? 28) : 0;
	const layers = Array.from({ length: raw.num_hidden_layers }, (_, index) => index);
	const types = raw.layer_types;
	if (!types) return layers.map((layer) => (layer >= firstSliding ? window : null));
	if (types.length !== layers.length) {
		throw badFile(
			file,
			`"layer_types" names ${types.length} layers, "num_hidden_layers" is ${layers.length}`,
		);
	}
	return types.map((type, layer) => {
		if (type === 'full_attention' && (isQwen || window === null)) return null;
		if (type === 'sliding_attention' && window !== null) return window;
		throw badFile(
			file,
			`"layer_types"[${layer}] "${type}" does not fit "sliding_window" ${window ?? 'off'} of model type "${family}"`,
		);
	});
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
