/** Adapters in PEFT's format, a folder of `adapter_config.json` and `adapter_model.safetensors`: read and checked. */
import { badFile } from '../contract/errors.ts';
import type { ByteSource } from '../contract/model.ts';
import { adapterTargets, type Lora } from '../contract/spec.ts';
import { adaptedLayers, fromPeftName } from '../engine/adapters/lora.ts';
import { embeddingName, headName, type NamedShape } from '../engine/model/weights.ts';
import {
	type AdapterConfig,
	adapterConfigFile,
	isSaved,
	isTarget,
	parseAdapterConfig,
} from './adapterConfig.ts';
import { readJson } from './input.ts';
import { openTensors } from './safetensors.ts';

export const adapterTensorsFile = 'adapter_model.safetensors';

/** An adapter before it is known to fit a model. */
export interface AdapterFiles {
	readonly config: AdapterConfig;
	/** Named without `base_model.model.`. */
	readonly tensors: readonly NamedShape[];
	/** The values as f32. */
	readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
	/**
	 * Whether a model whose head is its embedding has two matrices with the adapter on: PEFT gives a saved module a copy
	 * of its own, unless `ensure_weight_tying` says otherwise.
	 */
	readonly separatesHead: boolean;
}

export interface PeftAdapter {
	readonly lora: Lora;
	/** Decoder layers that have adapters. */
	readonly layers: readonly number[];
	/**
	 * The adapters' tensors and parameters that are replaced in full. Where layers differ in what is adapted, the
	 * adapters that some lack are not among them: their B is zero.
	 */
	readonly tensors: readonly NamedShape[];
	/** The values as f32. */
	readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
}

/** Opens the files. Throws `BadInput` naming the file, and the setting that is not known here. */
export async function readAdapter(sources: readonly ByteSource[]): Promise<AdapterFiles> {
	const find = (file: string): ByteSource => {
		const source = sources.find(({ name }) => name === file || name.endsWith(`/${file}`));
		if (source) return source;
		throw badFile(file, 'not among the files; choose the folder that PEFT saved the adapter in');
	};
	const config = parseAdapterConfig(await readJson(find(adapterConfigFile)));
	const index = await openTensors([find(adapterTensorsFile)]);
	const inFile = new Map(index.names.map((name) => [fromPeftName(name), name]));
	const ends = [embeddingName, headName].map(moduleOf);
	return {
		config,
		tensors: [...inFile].map(([name, stored]) => ({ name, shape: index.shape(stored) })),
		read: (name) => index.read(inFile.get(name) ?? name),
		separatesHead: !config.ensuresTying && ends.some((module) => isSaved(config, module)),
	};
}

/**
 * The adapter on a model with these parameters. Throws `BadInput` naming what it adapts that cannot be adapted here, or
 * the tensors that do not fit the model.
 */
export async function fitAdapter(
	files: AdapterFiles,
	parameters: readonly NamedShape[],
): Promise<PeftAdapter> {
	const { config } = files;
	const { tensors, read } = await asOneMatrix(files, parameters);
	refuseOtherModules(config, tensors, parameters);
	const { rank, alpha, dropout, scaling } = config;
	const { layers, targets } = placement(tensors);
	const product = adaptedLayers({ rank, targets }, layers, parameters);
	const pairs = product.flatMap(({ name, a, b }) => [
		{ module: name, tensor: a },
		{ module: name, tensor: b },
	]);
	const present = new Set(tensors.map(({ name }) => name));
	const missing = [
		...missingAdapters(config, parameters, present),
		...missingSaved(config, parameters, present),
	];
	checkTensors(tensors, [...parameters, ...pairs.map(({ tensor }) => tensor)], missing);
	return {
		lora: { kind: 'lora', rank, alpha, scaling, dropout, targets },
		layers,
		tensors,
		read,
	};
}

const moduleOf = (parameter: string): string => parameter.replace(/\.(weight|bias)$/, '');

/** Of a model with one matrix for both, a head in the file is the embedding again. Throws `BadInput` where they differ. */
async function asOneMatrix(
	{ tensors, read }: AdapterFiles,
	parameters: readonly NamedShape[],
): Promise<Pick<AdapterFiles, 'tensors' | 'read'>> {
	const hasHead = parameters.some(({ name }) => name === headName);
	const head = tensors.find(({ name }) => name === headName);
	if (hasHead || head === undefined) return { tensors, read };
	const rest = tensors.filter(({ name }) => name !== headName);
	if (!rest.some(({ name }) => name === embeddingName))
		return {
			tensors: [...rest, { ...head, name: embeddingName }],
			read: (name) => read(name === embeddingName ? headName : name),
		};
	const [a, b] = [await read(embeddingName), await read(headName)];
	if (a.length === b.length && a.every((value, at) => value === b[at]))
		return { tensors: rest, read };
	throw badFile(
		adapterTensorsFile,
		`"${embeddingName}" and "${headName}" differ, though ${adapterConfigFile} keeps them one matrix`,
	);
}

const adapterTensor = /^(.+)\.lora_\w+(\.\w+)*$/;
const linearLayer = /^model\.layers\.\d+\.\w+\.(\w+)$/;

const isLinearLayer = (module: string): boolean => {
	const [, target] = linearLayer.exec(module) ?? [];
	return adapterTargets.some((known) => known === target);
};

/** Throws where the file adapts what no adapter can be had on, or what its configuration leaves out. */
function refuseOtherModules(
	config: AdapterConfig,
	tensors: readonly NamedShape[],
	parameters: readonly NamedShape[],
): void {
	const inModel = new Set([...parameters.map(({ name }) => moduleOf(name)), moduleOf(headName)]);
	for (const { name } of tensors) {
		const [, module] = adapterTensor.exec(name) ?? [];
		if (module === undefined || !inModel.has(module)) continue;
		if (!isLinearLayer(module))
			throw badFile(
				adapterConfigFile,
				`"target_modules" adapts "${module}"; here adapters go on ${adapterTargets.join(', ')} of the decoder layers only`,
			);
		if (isTarget(config, module) === false)
			throw badFile(
				adapterTensorsFile,
				`"${name}" adapts "${module}", which ${adapterConfigFile} does not: PEFT would leave it out. Take both files of one adapter`,
			);
	}
}

/** Layers and linear layers that have an A. */
function placement(tensors: readonly NamedShape[]) {
	const layers = new Set<number>();
	const found = new Set<string>();
	for (const { name } of tensors) {
		const [, layer, target = ''] =
			/^model\.layers\.(\d+)\.\w+\.(\w+)\.lora_A\.weight$/.exec(name) ?? [];
		if (layer === undefined) continue;
		layers.add(Number(layer));
		found.add(target);
	}
	return {
		layers: [...layers].sort((a, b) => a - b),
		targets: adapterTargets.filter((target) => found.has(target)),
	};
}

/** Tensors that the configuration asks for; where an expression says what is adapted, the other halves of those there are. */
function missingAdapters(
	config: AdapterConfig,
	parameters: readonly NamedShape[],
	present: ReadonlySet<string>,
): string[] {
	return parameters
		.map(({ name }) => moduleOf(name))
		.filter(isLinearLayer)
		.flatMap((module) => {
			const pair = [`${module}.lora_A.weight`, `${module}.lora_B.weight`];
			const lacking = pair.filter((name) => !present.has(name));
			const isAsked = isTarget(config, module) ?? lacking.length < pair.length;
			return isAsked ? lacking : [];
		});
}

const missingSaved = (
	config: AdapterConfig,
	parameters: readonly NamedShape[],
	present: ReadonlySet<string>,
): string[] =>
	parameters
		.map(({ name }) => name)
		.filter((name) => isSaved(config, moduleOf(name)) && !present.has(name));

/** How many names a message lists before it only counts. */
const listed = 5;

/** Nothing may be missing, and every tensor must be an adapter's or a parameter of the model. */
function checkTensors(
	tensors: readonly NamedShape[],
	allowed: readonly NamedShape[],
	missing: readonly string[],
): void {
	const known = new Map(allowed.map(({ name, shape }) => [name, shape]));
	const unfit = tensors.flatMap(({ name, shape }) => {
		const asked = known.get(name);
		if (asked?.join() === shape.join()) return [];
		return [asked ? `${name} [${shape.join()}], not [${asked.join()}]` : `${name} (not in it)`];
	});
	if (missing.length > 0)
		throw badFile(
			adapterTensorsFile,
			`missing are ${list(missing)}, which ${adapterConfigFile} asks for on this model; take both files of one ` +
				'adapter, and the base model it was trained on',
		);
	const problems = [
		...(unfit.length > 0 ? [`${unfit.length} do not fit: ${list(unfit)}`] : []),
		...(tensors.some(({ name }) => /\.lora_A\.weight$/.test(name))
			? []
			: ['no lora_A of a linear layer is among them']),
	];
	if (problems.length === 0) return;
	throw badFile(
		adapterTensorsFile,
		`the tensors do not fit the loaded model; ${problems.join('; ')}. Load the base model the adapter was trained on`,
	);
}

function list(names: readonly string[]): string {
	const rest = names.length - listed;
	return names.slice(0, listed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
