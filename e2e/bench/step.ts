/**
 * The training step every contestant of the engine bench takes: one Llama-shaped decoder, one AdamW update on
 * 512 tokens. Here are its sizes, its starting weights and its data, all a pure function of seeds.
 */

/** Sizes of the model and the batch, and the update rule. Every tensor is trained and decayed. */
export interface StepConfig {
	readonly hiddenSize: number;
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headDim: number;
	readonly intermediateSize: number;
	readonly vocabSize: number;
	readonly normEpsilon: number;
	readonly ropeTheta: number;
	/** Sequences in a batch. */
	readonly batch: number;
	/** Tokens in a sequence; every position has a target. */
	readonly length: number;
	readonly learningRate: number;
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
	readonly weightDecay: number;
	readonly clipNorm: number;
}

export const STEP: StepConfig = {
	hiddenSize: 128,
	layers: 8,
	heads: 4,
	keyValueHeads: 2,
	headDim: 32,
	intermediateSize: 344,
	vocabSize: 2000,
	normEpsilon: 1e-5,
	ropeTheta: 1e4,
	batch: 8,
	length: 64,
	learningRate: 1e-3,
	beta1: 0.9,
	beta2: 0.999,
	epsilon: 1e-8,
	weightDecay: 0.01,
	clipNorm: 1,
};

export interface Weight {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

/** Tensors by their Hugging Face name; linear weights are [out, in]. */
export type Weights = ReadonlyMap<string, Weight>;

export interface Batch {
	/** i32 [batch * length]. */
	readonly inputIds: Int32Array;
	/** i32 [batch * length]: the next token of each input. */
	readonly labels: Int32Array;
}

/** mulberry32 (Tommy Ettinger, public domain): uniform numbers in [0, 1). */
function uniform(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

/** Independent normal numbers by the Box-Muller transform. */
function normal(size: number, deviation: number, random: () => number): Float32Array {
	return Float32Array.from({ length: size }, () => {
		const radius = Math.sqrt(-2 * Math.log(1 - random()));
		return deviation * radius * Math.cos(2 * Math.PI * random());
	});
}

/** Starting weights: normal, 0.08 wide (0.05 into the residual stream), norms 1. The head is not tied. */
export function makeWeights(seed: number, config: StepConfig = STEP): Weights {
	const { hiddenSize, intermediateSize, vocabSize, heads, keyValueHeads, headDim } = config;
	const random = uniform(seed);
	const weights = new Map<string, Weight>();
	const matrix = (name: string, rows: number, columns: number, deviation = 0.08) =>
		weights.set(name, {
			shape: [rows, columns],
			data: normal(rows * columns, deviation, random),
		});
	const norm = (name: string) =>
		weights.set(name, { shape: [hiddenSize], data: new Float32Array(hiddenSize).fill(1) });
	matrix('model.embed_tokens.weight', vocabSize, hiddenSize);
	for (let layer = 0; layer < config.layers; layer++) {
		const prefix = `model.layers.${layer}.`;
		norm(`${prefix}input_layernorm.weight`);
		matrix(`${prefix}self_attn.q_proj.weight`, heads * headDim, hiddenSize);
		matrix(`${prefix}self_attn.k_proj.weight`, keyValueHeads * headDim, hiddenSize);
		matrix(`${prefix}self_attn.v_proj.weight`, keyValueHeads * headDim, hiddenSize);
		matrix(`${prefix}self_attn.o_proj.weight`, hiddenSize, heads * headDim, 0.05);
		norm(`${prefix}post_attention_layernorm.weight`);
		matrix(`${prefix}mlp.gate_proj.weight`, intermediateSize, hiddenSize);
		matrix(`${prefix}mlp.up_proj.weight`, intermediateSize, hiddenSize);
		matrix(`${prefix}mlp.down_proj.weight`, hiddenSize, intermediateSize, 0.05);
	}
	norm('model.norm.weight');
	matrix('lm_head.weight', vocabSize, hiddenSize);
	return weights;
}

/**
 * The batch of a step. Each token follows from the one before it up to a choice of four, so that there is
 * something to learn and the losses of two engines separate when their updates differ.
 */
export function makeBatch(step: number, config: StepConfig = STEP): Batch {
	const { batch, length, vocabSize } = config;
	const random = uniform(1000 + step);
	const inputIds = new Int32Array(batch * length);
	const labels = new Int32Array(batch * length);
	for (let row = 0; row < batch; row++) {
		let token = Math.floor(random() * vocabSize);
		for (let position = 0; position < length; position++) {
			const next = (token * 5 + 3 + Math.floor(random() * 4)) % vocabSize;
			inputIds[row * length + position] = token;
			labels[row * length + position] = next;
			token = next;
		}
	}
	return { inputIds, labels };
}
