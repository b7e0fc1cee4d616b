/** The loaded model: its decoder on the device, its tokenizer, and the way back to the weights it came with. */
import { namedError } from '../contract/errors.ts';
import type { ModelSource, ModelSummary } from '../contract/model.ts';
import type { WeightFormat } from '../contract/precision.ts';
import type { Lora } from '../contract/spec.ts';
import type { Progress } from '../contract/progress.ts';
import { createTokenizer, type FileTokenizer, fitTokenizer } from '../data/tokenizer.ts';
import { type AdaptedDecoder, attachAdapters } from '../engine/adapters/attach.ts';
import { adaptedLayers } from '../engine/adapters/lora.ts';
import { loadDecoder, releaseDecoder } from '../engine/model/load.ts';
import {
	type Decoder,
	embeddingName,
	headName,
	type NamedShape,
	uploadParameter,
} from '../engine/model/weights.ts';
import type { Ops, Tensor } from '../engine/ops.ts';
import { formatOf, weightBytes } from '../engine/precision.ts';
import { openDatabase } from '../storage/database.ts';
import { openStoredModel } from '../storage/models.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { fileSource, openModelFolder, urlSource } from '../weights/folder.ts';
import { checkPrecision, planDevice } from './device.ts';
import { requireRoom } from './room.ts';

export interface LoadedModel {
	/** Store id; null for files and addresses that are not in the store. */
	readonly id: string | null;
	readonly untied: boolean;
	/** With the adapters of a LoRA run where it has some, unless they are off. */
	readonly decoder: Decoder;
	/** Throws `BadInput` where the model was opened without tokenizer.json, as for verification. */
	needTokenizer(): FileTokenizer;
	readonly summary: ModelSummary;
	/** Every parameter of the model itself, a head of its own included, adapters not. */
	readonly shapes: readonly NamedShape[];
	/** Values a parameter had in the files; of an adapter, those it was attached with. */
	base(name: string): Promise<Float32Array>;
	/** Parameters that may differ from the files by now. */
	readonly changed: ReadonlySet<string>;
	/** To be called before parameters are written or trained. */
	markChanged(names: Iterable<string>): void;
	/** Puts adapters on linear layers, in place of those there were; `values` gives what each tensor starts with. */
	adapt(
		lora: Lora,
		layers: readonly number[],
		values: (tensor: NamedShape) => Float32Array,
		format?: WeightFormat,
	): void;
	/** Keeps parameters in other formats from now on, with the files' values; null: as it is. */
	keep(format: (tensor: NamedShape) => WeightFormat | null): Promise<void>;
	/** Whether there are adapters, on or off. */
	readonly adapted: boolean;
	/** Whether the adapters take part. */
	switchAdapters(on: boolean): void;
	/** Puts the files' values back and takes adapters away. */
	reset(): Promise<void>;
	release(): void;
}

/** The files a source stands for. */
export async function sourcesOf(source: ModelSource) {
	switch (source.kind) {
		case 'stored':
			return openStoredModel(await openDatabase(), source.id);
		case 'files':
			return source.files.map(fileSource);
		case 'urls':
			return source.files.map(urlSource);
	}
}

/**
 * Reads a checkpoint onto the device, matrices in a weight format until a run asks for others. Throws `BadInput` naming
 * file and tensor, and before anything is allocated where the weights exceed `memory` bytes or what the device is known to have.
 */
export async function loadModel(
	ops: Ops,
	source: ModelSource,
	untie: boolean,
	onProgress: (progress: Progress) => void,
	frozen: WeightFormat = 'f32',
	memory: number | null = null,
): Promise<LoadedModel> {
	const format = loadedFormat(ops, frozen);
	const name = source.kind === 'stored' ? source.id : 'model';
	const needs = source.kind === 'stored' ? 'tokenizer' : 'weights';
	const folder = await openModelFolder(await sourcesOf(source), name, needs);
	const { config, tensors, tokenizerJson, tokenizerConfig } = folder;
	const inFile = parameterShapes(config);
	const untied = untie && config.tiedEmbeddings;
	requireRoom(planDevice(ops, memory), weightsOf(inFile, untied), frozen);
	const tokenizer = openTokenizer(tokenizerJson, tokenizerConfig, config.vocabularySize);

	let done = 0;
	const read = (parameter: string) => {
		onProgress({ done: done++, total: inFile.length, label: `Loading ${parameter}` });
		return tensors.read(parameter);
	};
	const plain = await loadDecoder(ops, config, read, untied, format);
	onProgress({ done: inFile.length, total: inFile.length, label: 'Loaded' });

	const shapes = shapesOf(plain);
	const adapters = adapterSlot(ops, plain, shapes);
	const base = async (parameter: string) =>
		adapters.initial(parameter) ??
		tensors.read(untied && parameter === headName ? embeddingName : parameter);
	const parameters = [...plain.parameters.values()].reduce((sum, p) => sum + p.tensor.size, 0);
	const bytes = shapes.reduce((sum, tensor) => sum + weightBytes(tensor, format(tensor)), 0);
	return {
		id: source.kind === 'stored' ? source.id : null,
		untied,
		get decoder() {
			return adapters.decoder;
		},
		get adapted() {
			return adapters.present;
		},
		needTokenizer() {
			if (tokenizer !== null) return tokenizer;
			throw namedError(
				'BadInput',
				'This model was loaded without tokenizer.json; add the file to its folder',
			);
		},
		summary: { name: folder.name, config, notes: folder.notes, parameters, bytes },
		shapes,
		base,
		...changes(ops, plain, adapters, base),
		release: () => {
			adapters.detach();
			releaseDecoder(ops, plain);
		},
	};
}

const shapesOf = ({ parameters }: Decoder): NamedShape[] =>
	[...parameters.values()].map(({ name, tensor }) => ({ name, shape: tensor.shape }));

/** Every parameter as it is on the device: a head of its own is a copy of the embedding. */
const weightsOf = (inFile: readonly NamedShape[], untied: boolean): readonly NamedShape[] =>
	untied
		? [
				...inFile,
				...inFile.flatMap(({ name, shape }) =>
					name === embeddingName ? [{ name: headName, shape }] : [],
				),
			]
		: inFile;

/** In what a model is kept before any run. */
function loadedFormat(ops: Ops, frozen: WeightFormat): (tensor: NamedShape) => WeightFormat {
	const precision = { frozen, trainable: 'f32' } as const;
	checkPrecision(ops.info, precision);
	return (tensor) => formatOf(tensor, false, precision);
}

/** What differs from the files by now. */
function changes(
	ops: Ops,
	plain: Decoder,
	adapters: ReturnType<typeof adapterSlot>,
	base: LoadedModel['base'],
): Pick<LoadedModel, 'adapt' | 'keep' | 'switchAdapters' | 'changed' | 'markChanged' | 'reset'> {
	const changed = new Set<string>();
	return {
		adapt: adapters.attach,
		switchAdapters: adapters.switch,
		async keep(format) {
			for (const parameter of plain.parameters.values()) {
				const { name, tensor } = parameter;
				const wanted = format({ name, shape: tensor.shape }) ?? tensor.dtype;
				if (wanted === tensor.dtype || wanted === 'i32') continue;
				const values = await base(name);
				parameter.tensor = uploadParameter(
					ops,
					{ name, shape: tensor.shape },
					values,
					wanted,
				).tensor;
				ops.release(tensor);
			}
		},
		changed,
		markChanged(names) {
			for (const parameter of names) changed.add(parameter);
		},
		async reset() {
			adapters.detach();
			for (const parameter of changed) {
				const target = plain.parameters.get(parameter);
				if (target !== undefined) ops.write(target.tensor, await base(parameter));
				changed.delete(parameter);
			}
		},
	};
}

/** The adapters a model has at present, if any. */
function adapterSlot(ops: Ops, plain: Decoder, shapes: readonly NamedShape[]) {
	let adapted: AdaptedDecoder | null = null;
	let on = true;
	const initial = new Map<string, Float32Array>();
	const detach = () => {
		adapted?.release();
		adapted = null;
		on = true;
		initial.clear();
	};
	return {
		get decoder() {
			return on && adapted !== null ? adapted.decoder : plain;
		},
		get present() {
			return adapted !== null;
		},
		initial: (name: string) => initial.get(name),
		attach: ((lora, layers, values, format) => {
			detach();
			const chosen = adaptedLayers(lora, layers, shapes);
			const first = (tensor: NamedShape) => {
				const start = values(tensor);
				initial.set(tensor.name, start);
				return start;
			};
			adapted = attachAdapters(ops, plain, lora, chosen, first, format);
		}) satisfies LoadedModel['adapt'],
		switch: (present: boolean) => {
			on = present;
		},
		detach,
	};
}

function openTokenizer(json: unknown, config: unknown, vocabularySize: number) {
	if (json === null) return null;
	return fitTokenizer(createTokenizer(json, config), vocabularySize);
}

/** Runs `work` on the weights of the files, without adapters, and puts the present ones back. */
export async function withBaseWeights<T>(
	ops: Ops,
	model: LoadedModel,
	work: () => Promise<T>,
): Promise<T> {
	const present = new Map<Tensor, Float32Array>();
	model.switchAdapters(false);
	try {
		for (const name of model.changed) {
			const parameter = model.decoder.parameters.get(name);
			if (parameter === undefined) continue;
			const base = await model.base(name);
			present.set(parameter.tensor, await ops.read(parameter.tensor));
			ops.write(parameter.tensor, base);
		}
		return await work();
	} finally {
		model.switchAdapters(true);
		for (const [tensor, values] of present) ops.write(tensor, values);
	}
}
