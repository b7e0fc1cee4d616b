/** Adapters in PEFT's format, a folder of `adapter_config.json` and `adapter_model.safetensors`: read and checked. */
import * as v from 'valibot';
import type { ByteSource } from '../contract/model.ts';
import { adapterTargets, type Lora } from '../contract/spec.ts';
import { adaptedLayers, fromPeftName } from '../engine/adapters/lora.ts';
import type { NamedShape } from '../engine/model/weights.ts';
import { badFile, readJson } from './input.ts';
import { openTensors } from './safetensors.ts';

export const adapterConfigFile = 'adapter_config.json';
export const adapterTensorsFile = 'adapter_model.safetensors';

export interface PeftAdapter {
	readonly lora: Lora;
	/** Decoder layers that have adapters. */
	readonly layers: readonly number[];
	/** The adapters' tensors and parameters that are replaced in full, named without `base_model.model.`. */
	readonly tensors: readonly NamedShape[];
	/** The values as f32. */
	readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(1));
const empty = v.optional(
	v.nullable(
		v.pipe(
			v.looseObject({}),
			v.check((ranks) => Object.keys(ranks).length === 0, 'layers differ in it'),
		),
	),
);
const off = v.optional(v.nullable(v.literal(false)));

/** What of a LoraConfig changes the numbers, as far as it can be had here. */
const ConfigSchema = v.looseObject({
	peft_type: v.literal('LORA'),
	r: whole,
	lora_alpha: v.pipe(v.number(), v.gtValue(0)),
	lora_dropout: v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1)), 0),
	use_rslora: v.optional(v.nullable(v.boolean())),
	bias: v.optional(v.literal('none')),
	use_dora: off,
	lora_bias: off,
	fan_in_fan_out: off,
	rank_pattern: empty,
	alpha_pattern: empty,
	layer_replication: v.optional(v.null()),
	trainable_token_indices: v.optional(v.null()),
	target_parameters: v.optional(v.null()),
});

/**
 * Opens an adapter for a model with these parameters. Throws `BadInput` naming the file, and the setting that is not
 * known here or the tensors that do not fit the model.
 */
export async function openAdapter(
	sources: readonly ByteSource[],
	parameters: readonly NamedShape[],
): Promise<PeftAdapter> {
	const find = (file: string): ByteSource => {
		const source = sources.find(({ name }) => name === file || name.endsWith(`/${file}`));
		if (source) return source;
		throw badFile(file, 'not among the files; choose the folder that PEFT saved the adapter in');
	};
	const config = parseAdapterConfig(await readJson(find(adapterConfigFile)));
	const file = find(adapterTensorsFile);
	const index = await openTensors([file]);
	const inFile = new Map(index.names.map((name) => [fromPeftName(name), name]));
	const shapes = [...inFile].map(([name, stored]) => ({ name, shape: index.shape(stored) }));
	const { layers, targets } = placement(shapes);
	const adapted = adaptedLayers({ rank: config.r, targets }, layers, parameters);
	checkAdapter(
		shapes,
		adapted.flatMap(({ a, b }) => [a, b]),
		parameters,
	);
	return {
		lora: {
			kind: 'lora',
			rank: config.r,
			alpha: config.lora_alpha,
			scaling: config.use_rslora ? 'rank-stabilised' : 'standard',
			dropout: config.lora_dropout,
			targets,
		},
		layers,
		tensors: shapes,
		read: (name) => index.read(inFile.get(name) ?? name),
	};
}

function parseAdapterConfig(json: unknown): v.InferOutput<typeof ConfigSchema> {
	const parsed = v.safeParse(ConfigSchema, json);
	if (parsed.success) return parsed.output;
	const [issue] = parsed.issues;
	throw badFile(
		adapterConfigFile,
		`"${v.getDotPath(issue) ?? ''}": ${issue.message}; only plain LoRA can be read, with one rank and no bias`,
	);
}

/** Layers and linear layers that have an A. */
function placement(shapes: readonly NamedShape[]) {
	const layers = new Set<number>();
	const found = new Set<string>();
	for (const { name } of shapes) {
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

/** How many names a message lists before it only counts. */
const listed = 5;

/** Every linear layer of every adapted layer must have its A and B; the rest must replace parameters of the model. */
function checkAdapter(
	shapes: readonly NamedShape[],
	adapters: readonly NamedShape[],
	parameters: readonly NamedShape[],
): void {
	const known = new Map([...parameters, ...adapters].map(({ name, shape }) => [name, shape]));
	const present = new Set(shapes.map(({ name }) => name));
	const missing = adapters.filter(({ name }) => !present.has(name)).map(({ name }) => name);
	const unfit = shapes.flatMap(({ name, shape }) => {
		const asked = known.get(name);
		if (asked?.join() === shape.join()) return [];
		return [asked ? `${name} [${shape.join()}], not [${asked.join()}]` : `${name} (not in it)`];
	});
	const problems = [
		...(missing.length > 0 ? [`missing are ${list(missing)}`] : []),
		...(unfit.length > 0 ? [`${unfit.length} do not fit: ${list(unfit)}`] : []),
		...(adapters.length === 0 ? ['no lora_A of a linear layer is among them'] : []),
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
