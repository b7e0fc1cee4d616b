/** The parameters of a COMET estimator as a typed tree. Names and shapes are those of its checkpoints. */
import type { CometOptions, EncoderConfig } from '../../contract/comet.ts';
import type { NamedShape } from '../model/weights.ts';
import type { Ops, Tensor } from '../ops.ts';
import { layerWeights } from './layerMix.ts';

/** Weight [out, in] and bias [out]. */
export interface Linear {
	readonly weight: Tensor;
	readonly bias: Tensor;
}

/** Weight and bias [hidden]. */
export interface Norm {
	readonly weight: Tensor;
	readonly bias: Tensor;
}

export interface EncoderLayer {
	readonly query: Linear;
	readonly key: Linear;
	readonly value: Linear;
	readonly output: Linear;
	readonly attentionNorm: Norm;
	/** [intermediate, hidden] and back. */
	readonly up: Linear;
	readonly down: Linear;
	readonly outputNorm: Norm;
}

/** What a token is before the first layer; it stays off the device, where the table of words would not fit. */
export interface InputEmbedding {
	/** Word rows, numbers rising -> [rows, hidden]. */
	readonly words: (rows: readonly number[]) => Promise<Float32Array>;
	/** [positions, hidden], the row of the only token type added. */
	readonly positions: Float32Array;
	readonly norm: Norm;
}

export interface Comet {
	readonly config: EncoderConfig;
	readonly options: CometOptions;
	readonly embedding: InputEmbedding;
	/** As many as take part in the mix. */
	readonly layers: readonly EncoderLayer[];
	/** Weight of the embeddings and of each layer. */
	readonly layerWeights: readonly number[];
	readonly gamma: number;
	/** Linear layers of the estimator, tanh between them. */
	readonly estimator: readonly Linear[];
	readonly release: () => void;
}

/** Where the values of a checkpoint are read. */
export interface CometValues {
	readonly names: readonly string[];
	shape(name: string): readonly number[];
	read(name: string): Promise<Float32Array>;
	readRows(name: string, rows: readonly number[]): Promise<Float32Array>;
}

const embeddings = 'encoder.model.embeddings';
const scalar = (index: number) => `layerwise_attention.scalar_parameters.${index}`;

/** Names of the estimator's linear layers, in order; activation and dropout have the numbers between. */
const estimatorLayers = (names: readonly string[]): string[] =>
	names
		.flatMap((name) => /^estimator\.ff\.(\d+)\.weight$/.exec(name)?.[1] ?? [])
		.map(Number)
		.sort((a, b) => a - b)
		.map((number) => `estimator.ff.${number}`);

/** What the files must hold. The sizes inside the estimator are those of the files. */
export function cometShapes(
	config: EncoderConfig,
	index: Pick<CometValues, 'names' | 'shape'>,
): NamedShape[] {
	const shapes: NamedShape[] = [];
	const add = (name: string, ...shape: number[]) => shapes.push({ name, shape });
	const linear = (name: string, inputs: number, outputs: number) => {
		add(`${name}.weight`, outputs, inputs);
		add(`${name}.bias`, outputs);
	};
	const norm = (name: string) => {
		add(`${name}.weight`, config.hiddenSize);
		add(`${name}.bias`, config.hiddenSize);
	};
	const { hiddenSize: hidden, intermediateSize: wide } = config;
	add(`${embeddings}.word_embeddings.weight`, config.vocabularySize, hidden);
	add(`${embeddings}.position_embeddings.weight`, config.positions, hidden);
	add(`${embeddings}.token_type_embeddings.weight`, config.tokenTypes, hidden);
	norm(`${embeddings}.LayerNorm`);
	for (let layer = 0; layer < config.layers; layer++) {
		const names = layerNames(layer);
		for (const name of [names.query, names.key, names.value, names.output])
			linear(name, hidden, hidden);
		norm(names.attentionNorm);
		linear(names.up, hidden, wide);
		linear(names.down, wide, hidden);
		norm(names.outputNorm);
	}
	for (let layer = 0; layer <= config.layers; layer++) add(scalar(layer), 1);
	add('layerwise_attention.gamma', 1);
	let inputs = 6 * hidden;
	const estimator = estimatorLayers(index.names);
	for (const [at, name] of estimator.entries()) {
		const outputs = at === estimator.length - 1 ? 1 : (index.shape(`${name}.weight`)[0] ?? 0);
		linear(name, inputs, outputs);
		inputs = outputs;
	}
	return shapes;
}

function layerNames(layer: number) {
	const prefix = `encoder.model.encoder.layer.${layer}`;
	return {
		query: `${prefix}.attention.self.query`,
		key: `${prefix}.attention.self.key`,
		value: `${prefix}.attention.self.value`,
		output: `${prefix}.attention.output.dense`,
		attentionNorm: `${prefix}.attention.output.LayerNorm`,
		up: `${prefix}.intermediate.dense`,
		down: `${prefix}.output.dense`,
		outputNorm: `${prefix}.output.LayerNorm`,
	};
}

/**
 * Puts a checkpoint on the device but for its embedding tables, and but for the layers above the last one that takes
 * part in the mix. `onTensor` is told of each tensor before it is read, and may throw to give up.
 */
export async function loadComet(
	ops: Ops,
	config: EncoderConfig,
	options: CometOptions,
	values: CometValues,
	onTensor: (name: string) => void,
): Promise<Comet> {
	const loading = createLoading(ops, values, onTensor);
	const { read, both, release } = loading;
	try {
		const scalars: number[] = [];
		for (let layer = 0; layer <= config.layers; layer++)
			scalars.push(...(await read(scalar(layer))));
		const weights = layerWeights(scalars, options.layerTransformation);
		const [gamma = NaN] = await read('layerwise_attention.gamma');
		const embedding: InputEmbedding = {
			words: (rows) => values.readRows(`${embeddings}.word_embeddings.weight`, rows),
			positions: addToRows(
				await read(`${embeddings}.position_embeddings.weight`),
				await values.readRows(`${embeddings}.token_type_embeddings.weight`, [0]),
			),
			norm: await both(`${embeddings}.LayerNorm`),
		};
		const layers: EncoderLayer[] = [];
		const needed = weights.findLastIndex((weight) => weight !== 0);
		for (let layer = 0; layer < needed; layer++) layers.push(await loadLayer(loading, layer));
		const estimator: Linear[] = [];
		for (const name of estimatorLayers(values.names)) estimator.push(await both(name));
		return { config, options, embedding, layers, layerWeights: weights, gamma, estimator, release };
	} catch (error) {
		release();
		throw error;
	}
}

type Loading = ReturnType<typeof createLoading>;

/** Reads and uploads by name, and releases all of it. */
function createLoading(ops: Ops, values: CometValues, onTensor: (name: string) => void) {
	const tensors: Tensor[] = [];
	const read = (name: string): Promise<Float32Array> => {
		onTensor(name);
		return values.read(name);
	};
	const load = async (name: string): Promise<Tensor> => {
		const tensor = ops.upload(await read(name), values.shape(name));
		tensors.push(tensor);
		return tensor;
	};
	return {
		read,
		both: async (name: string) => ({
			weight: await load(`${name}.weight`),
			bias: await load(`${name}.bias`),
		}),
		release: () => {
			ops.release(...tensors);
		},
	};
}

async function loadLayer({ both }: Loading, layer: number): Promise<EncoderLayer> {
	const names = layerNames(layer);
	return {
		query: await both(names.query),
		key: await both(names.key),
		value: await both(names.value),
		output: await both(names.output),
		attentionNorm: await both(names.attentionNorm),
		up: await both(names.up),
		down: await both(names.down),
		outputNorm: await both(names.outputNorm),
	};
}

function addToRows(table: Float32Array, row: Float32Array): Float32Array {
	return table.map((value, i) => value + row[i % row.length]!);
}
