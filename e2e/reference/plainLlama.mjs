/**
 * A Llama decoder written out in tensors of the tfjs cpu backend: whole sequences, one at a time, nothing kept between
 * them. It shares no line with the lab's engine, so that the two can be held against each other.
 */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';

/** Tensors of a safetensors file (f32 only): 8 bytes of header length, a JSON header, the values. */
function readTensors(path) {
	const file = readFileSync(path);
	const start = 8 + Number(file.readBigUInt64LE(0));
	const header = JSON.parse(file.toString('utf8', 8, start));
	delete header.__metadata__;
	const tensors = {};
	for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
		if (dtype !== 'F32') throw new Error(`${path}: ${name} is ${dtype}, and only F32 is read here`);
		const bytes = file.subarray(start + offsets[0], start + offsets[1]);
		tensors[name] = tf.tensor(new Float32Array(new Uint8Array(bytes).buffer), shape);
	}
	return tensors;
}

/** x · weightᵀ */
const linear = (x, weight) => tf.matMul(x, weight, false, true);

const rmsNorm = (x, weight, epsilon) =>
	tf.mul(weight, tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))));

/** [tokens, heads * width] -> [heads, tokens, width], each pair (i, i + width / 2) turned by its position. */
function turnedHeads(x, heads, theta) {
	const [tokens, size] = x.shape;
	const width = size / heads;
	const angles = tf.tensor(
		Array.from({ length: tokens }, (_, at) =>
			Array.from({ length: width }, (_, i) => at * theta ** ((-2 * (i % (width / 2))) / width)),
		),
	);
	const split = splitHeads(x, heads);
	const [low, high] = tf.split(split, 2, 2);
	const across = tf.concat([tf.neg(high), low], 2);
	return tf.add(tf.mul(split, tf.cos(angles)), tf.mul(across, tf.sin(angles)));
}

const splitHeads = (x, heads) =>
	tf.transpose(tf.reshape(x, [x.shape[0], heads, x.shape[1] / heads]), [1, 0, 2]);

/** Every key and value head serves a group of query heads that stand together. */
const repeatHeads = (x, times) =>
	tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, 1, 1]), [
		x.shape[0] * times,
		...x.shape.slice(1),
	]);

function attention(x, weight, config) {
	const { num_attention_heads: heads, num_key_value_heads: groups, rope_theta: theta } = config;
	const tokens = x.shape[0];
	const q = turnedHeads(linear(x, weight('self_attn.q_proj')), heads, theta);
	const k = turnedHeads(linear(x, weight('self_attn.k_proj')), groups, theta);
	const v = splitHeads(linear(x, weight('self_attn.v_proj')), groups);
	const future = tf.tensor(
		Array.from({ length: tokens }, (_, query) =>
			Array.from({ length: tokens }, (_, key) => (key > query ? -1e9 : 0)),
		),
	);
	const scores = tf.div(
		tf.matMul(q, repeatHeads(k, heads / groups), false, true),
		Math.sqrt(q.shape[2]),
	);
	const mixed = tf.matMul(tf.softmax(tf.add(scores, future)), repeatHeads(v, heads / groups));
	return linear(tf.reshape(tf.transpose(mixed, [1, 0, 2]), x.shape), weight('self_attn.o_proj'));
}

function feedForward(x, weight) {
	const gate = linear(x, weight('mlp.gate_proj'));
	const up = linear(x, weight('mlp.up_proj'));
	return linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), weight('mlp.down_proj'));
}

/** Logits [tokens, vocabulary] of a Hugging Face folder with one safetensors file and tied embeddings. */
export function openPlainLlama(folder) {
	const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
	const tensors = readTensors(`${folder}/model.safetensors`);
	const { rms_norm_eps: epsilon } = config;
	const logits = (ids) => {
		let x = tf.gather(tensors['model.embed_tokens.weight'], tf.tensor1d(ids, 'int32'));
		for (let layer = 0; layer < config.num_hidden_layers; layer++) {
			const weight = (name) => tensors[`model.layers.${layer}.${name}.weight`];
			x = tf.add(x, attention(rmsNorm(x, weight('input_layernorm'), epsilon), weight, config));
			x = tf.add(x, feedForward(rmsNorm(x, weight('post_attention_layernorm'), epsilon), weight));
		}
		const last = rmsNorm(x, tensors['model.norm.weight'], epsilon);
		return linear(last, tensors['model.embed_tokens.weight']);
	};
	return {
		endOfSequence: config.eos_token_id,
		/** Natural log of the probability of every token at every place from `from` on: result[place - from][token]. */
		logProbabilities: (ids, from) =>
			tf.tidy(() =>
				logits(ids)
					.arraySync()
					.slice(from)
					.map((row) => {
						const largest = Math.max(...row);
						const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
						return row.map((value) => value - largest - Math.log(total));
					}),
			),
	};
}
