/** The folder of a COMET estimator: XLM-RoBERTa's configuration and tokenizer, and the weights of both parts. */
import { badFile } from '../contract/errors.ts';
import type { ByteSource } from '../contract/model.ts';
import { type CometOptions, cometAdvice, type EncoderConfig } from '../contract/comet.ts';
import { cometShapes } from '../engine/comet/weights.ts';
import { parseHparams, readCometOptions } from './cometOptions.ts';
import { parseEncoderConfig } from './encoderConfig.ts';
import { insideFolder } from './folder.ts';
import { readJson, readText } from './input.ts';
import { checkTensors, indexTensors, openTensors, type TensorIndex } from './safetensors.ts';
import { openTorchCheckpoint } from './torch/checkpoint.ts';

export interface CometFolder {
	readonly config: EncoderConfig;
	readonly options: CometOptions;
	readonly tensors: TensorIndex;
	/** File of the weights. */
	readonly weights: string;
	/** Content of `tokenizer.json`; null where the folder has none. */
	readonly tokenizerJson: unknown;
	/** Content of `tokenizer_config.json`; an empty object where the folder has none. */
	readonly tokenizerConfig: unknown;
}

interface Weights {
	readonly file: string;
	readonly tensors: TensorIndex;
	readonly hyperparameters: ReadonlyMap<string, unknown>;
}

/**
 * Opens `config.json`, `tokenizer.json`, `hparams.yaml` where there is one, and the weights: safetensors, or else the
 * published torch checkpoint (`*.ckpt`), of which nothing is executed.
 * Throws `BadInput` naming the file, and the tensor or key, that cannot be taken.
 */
export async function openCometFolder(
	sources: readonly ByteSource[],
	name: string,
): Promise<CometFolder> {
	if (!sources.some((source) => /(^|\/)config\.json$/.test(source.name)))
		throw badFile('config.json', `not among the files of "${name}". ${cometAdvice}`);
	const files = insideFolder(sources, name);
	const find = (file: string) => files.find((source) => source.name === file);
	const json = (file: string, absent: unknown): Promise<unknown> => {
		const source = find(file);
		return source ? readJson(source) : Promise.resolve(absent);
	};
	const config = parseEncoderConfig(await json('config.json', null), 'config.json');
	const { file, tensors, hyperparameters } = await openWeights(files);
	const hparams = find('hparams.yaml');
	const options = hparams
		? readCometOptions(parseHparams(await readText(hparams)), hparams.name)
		: readCometOptions(hyperparameters, file);
	checkWeights(tensors, config, file);
	return {
		config,
		options,
		tensors,
		weights: file,
		tokenizerJson: await json('tokenizer.json', null),
		tokenizerConfig: await json('tokenizer_config.json', {}),
	};
}

async function openWeights(files: readonly ByteSource[]): Promise<Weights> {
	const checkpoints = files.filter(({ name }) => name.endsWith('.ckpt'));
	const [checkpoint] = checkpoints;
	const safetensors = files.some(({ name }) => name.endsWith('.safetensors'));
	if (!safetensors && !checkpoint)
		throw badFile('model.ckpt', `neither it nor safetensors are among the files. ${cometAdvice}`);
	if (safetensors || !checkpoint) {
		const tensors = await openTensors(files);
		return { file: 'model.safetensors', tensors, hyperparameters: new Map() };
	}
	if (checkpoints.length > 1)
		throw badFile(
			checkpoints.map(({ name }) => name).join(', '),
			'several checkpoints; leave the one that is meant in the folder',
		);
	const { tensors, hyperparameters } = await openTorchCheckpoint(checkpoint);
	const byName = new Map(tensors.map((entry) => [entry.name, entry]));
	return { file: checkpoint.name, tensors: indexTensors(byName, checkpoint.name), hyperparameters };
}

/** Buffers of training, and the pooler of XLM-R, which COMET does not use. */
const isUnused = (name: string): boolean =>
	/^(layerwise_attention\.dropout_(mask|fill)|encoder\.model\.(embeddings\.position_ids|pooler\..+))$/.test(
		name,
	);

function checkWeights(tensors: TensorIndex, config: EncoderConfig, file: string): void {
	const names = tensors.names.filter((name) => !isUnused(name));
	if (!names.includes('estimator.ff.0.weight'))
		throw badFile(
			file,
			'no tensor "estimator.ff.0.weight": these are no weights of COMET; take those of Unbabel/wmt22-comet-da',
		);
	checkTensors({ ...tensors, names }, cometShapes(config, tensors), file);
}
