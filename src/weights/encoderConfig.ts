/** `config.json` of an XLM-RoBERTa encoder -> its architecture. */
import { badFile } from '../contract/errors.ts';
import * as v from 'valibot';
import type { EncoderConfig } from '../contract/comet.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Defaults where transformers 5.18 has them (`configuration_xlm_roberta.py`). */
const ConfigSchema = v.looseObject({
	model_type: v.literal('xlm-roberta'),
	hidden_size: count,
	intermediate_size: count,
	num_hidden_layers: count,
	num_attention_heads: count,
	vocab_size: count,
	max_position_embeddings: v.pipe(count, v.minValue(7)),
	type_vocab_size: v.nullish(count, 2),
	layer_norm_eps: v.nullish(v.pipe(v.number(), v.minValue(0)), 1e-12),
	pad_token_id: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
	hidden_act: v.nullish(v.literal('gelu'), 'gelu'),
	position_embedding_type: v.nullish(v.literal('absolute'), 'absolute'),
});

/** Throws `BadInput` naming the key that is missing, malformed or of a kind that is not implemented. */
export function parseEncoderConfig(json: unknown, file: string): EncoderConfig {
	const parsed = v.safeParse(ConfigSchema, json);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw badFile(
			file,
			`"${v.getDotPath(issue) ?? ''}": ${issue.message}; COMET-22 needs the config.json of xlm-roberta-large`,
		);
	}
	const raw = parsed.output;
	if (raw.hidden_size % raw.num_attention_heads !== 0)
		throw badFile(
			file,
			`"hidden_size" ${raw.hidden_size} is no multiple of "num_attention_heads" ${raw.num_attention_heads}`,
		);
	return {
		hiddenSize: raw.hidden_size,
		intermediateSize: raw.intermediate_size,
		layers: raw.num_hidden_layers,
		heads: raw.num_attention_heads,
		vocabularySize: raw.vocab_size,
		positions: raw.max_position_embeddings,
		tokenTypes: raw.type_vocab_size,
		layerNormEpsilon: raw.layer_norm_eps,
		padTokenId: raw.pad_token_id,
	};
}
