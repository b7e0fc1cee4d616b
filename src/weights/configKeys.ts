/** Every key of a `config.json` is read, harmless, or refused by name; what nobody knows here is told. */
import { badFile } from '../contract/errors.ts';
import { shownValue } from '../contract/shownValue.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of a key that changes the result at every value. */
const none: readonly unknown[] = [];

/**
 * Keys that change what a model computes, with the values that do not (null never does). Some are of other families,
 * or of code that came with a checkpoint: under a name the lab computes they still say that another model is meant.
 */
const neutralValues: Readonly<Record<string, readonly unknown[]>> = {
	hidden_act: ['silu', 'swish'],
	mlp_bias: [false],
	attention_dropout: [0],
	quantization_config: none,
	// Other weights than model.safetensors.
	transformers_weights: none,
	per_layer_config: none,
	// What a token attends to.
	is_causal: [true],
	is_encoder_decoder: [false],
	add_cross_attention: [false],
	use_bidirectional_attention: [false],
	attention_chunk_size: none,
	// Positions.
	partial_rotary_factor: [1],
	rotary_pct: [1],
	rotary_percent: [1],
	rope_interleaved: [false],
	rope_local_base_freq: none,
	use_mrope: [false],
	no_rope_layers: none,
	no_rope_layer_interval: none,
	alibi: [false],
	use_alibi: [false],
	position_embedding_type: ['rope', 'rotary'],
	// Scales (Granite, Cohere, Gemma, MiniCPM).
	attention_multiplier: none,
	embedding_multiplier: [1],
	residual_multiplier: [1],
	logits_scaling: [1],
	logit_scale: [1],
	attn_logit_softcapping: none,
	final_logit_softcapping: none,
	query_pre_attn_scalar: none,
	scale_emb: [1],
	scale_depth: none,
	dim_model_base: none,
	// Norms, the order of a block, experts.
	use_qk_norm: [false],
	qk_norm: [false],
	qk_layernorm: [false],
	clip_qkv: none,
	norm_type: ['rmsnorm', 'rms_norm', 'RMSNorm'],
	parallel_attn: [false],
	use_parallel_residual: [false],
	num_experts: [0],
	num_local_experts: [0],
	n_routed_experts: [0],
};

/** Keys that change nothing of what the lab computes, by the reason. */
const harmless: ReadonlySet<string> = new Set([
	// Where the file is from.
	...['_name_or_path', 'name_or_path', '_commit_hash', 'transformers_version', 'model_name'],
	...['unsloth_fixed', 'unsloth_version', 'tokenizer_class', 'finetuning_task'],
	// In what the weights are stored, or once were computed: they are read as the file has them.
	...['dtype', 'torch_dtype', 'use_bfloat16', 'torchscript', '_attn_implementation'],
	...['attn_implementation', '_attn_implementation_internal', '_attn_implementation_autoset'],
	...['_experts_implementation_internal', 'pretraining_tp', 'chunk_size_feed_forward'],
	// How weights begin, before any training.
	...['initializer_range', 'pruned_heads'],
	// What a forward pass returns or keeps.
	...['use_cache', 'output_attentions', 'output_hidden_states', 'return_dict', 'use_return_dict'],
	...['output_scores', 'return_dict_in_generate', 'tie_last_hidden_states'],
	// Of classifiers and encoders.
	...['id2label', 'label2id', 'num_labels', 'problem_type', 'is_decoder', 'tie_encoder_decoder'],
	...['cross_attention_hidden_size', 'decoder_start_token_id', 'task_specific_params', 'prefix'],
	// How a text is continued: the lab's own settings are used.
	...['max_length', 'min_length', 'max_new_tokens', 'do_sample', 'early_stopping', 'num_beams'],
	...['num_beam_groups', 'diversity_penalty', 'temperature', 'top_k', 'top_p', 'typical_p'],
	...['repetition_penalty', 'length_penalty', 'no_repeat_ngram_size', 'bad_words_ids'],
	...['encoder_no_repeat_ngram_size', 'num_return_sequences', 'forced_bos_token_id'],
	...['forced_eos_token_id', 'remove_invalid_values', 'exponential_decay_length_penalty'],
	...['suppress_tokens', 'begin_suppress_tokens', 'pad_token_id', 'sep_token_id'],
	// Judged where positions are read.
	'original_max_position_embeddings',
]);

/** Throws `BadInput` naming the first key that asks for what is not implemented. `known`: keys that the family judges. */
export function refuseUnsupported(
	raw: Json,
	known: readonly string[],
	file: string,
	supported: string,
): void {
	for (const [key, neutral] of Object.entries(neutralValues)) {
		if (known.includes(key)) continue;
		const value = raw[key] ?? null;
		if (value === null || neutral.includes(value)) continue;
		throw badFile(file, `"${key}": ${shownValue(value)} is not supported; ${supported}`);
	}
}

/** Sentences on what of the file is not used; `read`: the keys that are, `slides`: whether the family knows windows. */
export function unusedKeys(
	raw: Json,
	read: ReadonlySet<string>,
	slides: boolean,
	file: string,
): string[] {
	const unknown = Object.keys(raw).filter(
		(key) =>
			raw[key] !== null &&
			key !== 'auto_map' &&
			!(read.has(key) || harmless.has(key) || Object.hasOwn(neutralValues, key)),
	);
	const notes: string[] = [];
	if (unknown.length > 0)
		notes.push(
			`${file}: ${names(unknown)} not known here and not used; transformers ignores it too.`,
		);
	if (!slides && (raw['sliding_window'] ?? null) !== null)
		notes.push(
			`${file}: "sliding_window" is not used: a model of type ${String(raw['model_type'])} attends to all.`,
		);
	if ((raw['auto_map'] ?? null) !== null)
		notes.push(
			`${file}: "auto_map" names code that came with the model; it is not run, "model_type" says what is computed.`,
		);
	return notes;
}

/** How many names a sentence lists before it only counts. */
const listed = 8;

function names(keys: readonly string[]): string {
	const first = keys.slice(0, listed).map((key) => JSON.stringify(key.slice(0, 60)));
	const rest = keys.length - first.length;
	return `${first.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} ${keys.length > 1 ? 'are' : 'is'}`;
}
