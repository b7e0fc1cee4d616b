/**
 * `adapter_config.json` of PEFT's LoRA (0.21): every key is used, harmless, or refused by its name where it is not at
 * the value that changes nothing.
 */
import { badFile } from '../contract/errors.ts';
import { shownValue } from '../contract/shownValue.ts';
import * as v from 'valibot';

export const adapterConfigFile = 'adapter_config.json';

const whole = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31 - 1));
const names = v.array(v.string());
const layerNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The keys that are used. */
const UsedSchema = v.looseObject({
	peft_type: v.literal('LORA', ({ received }) => `${received} is not supported`),
	r: whole,
	lora_alpha: v.pipe(v.number(), v.finite(), v.gtValue(0)),
	lora_dropout: v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1)), 0),
	use_rslora: v.optional(v.boolean(), false),
	/** A text is a regular expression on module names, or `all-linear`. */
	target_modules: v.union([v.string(), names]),
	exclude_modules: v.nullish(v.union([v.string(), names]), null),
	modules_to_save: v.nullish(names, null),
	layers_to_transform: v.nullish(v.union([layerNumber, v.array(layerNumber)]), null),
	layers_pattern: v.nullish(v.union([v.string(), names]), null),
	ensure_weight_tying: v.optional(v.boolean(), false),
});

export interface AdapterConfig {
	readonly rank: number;
	readonly alpha: number;
	readonly dropout: number;
	readonly scaling: 'standard' | 'rank-stabilised';
	/** Ends of the names of adapted modules; null: a regular expression says it, and the file's tensors are what it found. */
	readonly targets: readonly string[] | null;
	/** Layers among which targets are; null: all. */
	readonly layers: readonly number[] | null;
	/** Ends of the names of modules that are no targets. */
	readonly excluded: readonly string[];
	/** Ends of the names of modules that the file holds in full. */
	readonly saved: readonly string[];
	/** Whether embedding and head of a tied model stay one matrix where they are saved. */
	readonly ensuresTying: boolean;
}

/** Of a key that changes the result at every value that holds anything. */
const none: readonly unknown[] = [];

/** Values at which a key changes nothing; any other asks for what is not implemented. */
const neutralValues: Readonly<Record<string, readonly unknown[]>> = {
	bias: ['none'],
	fan_in_fan_out: [false],
	use_dora: [false],
	lora_bias: [false],
	use_qalora: [false],
	task_type: ['CAUSAL_LM'],
	alora_invocation_tokens: none,
	trainable_token_indices: none,
	target_parameters: none,
	layer_replication: none,
	rank_pattern: none,
	alpha_pattern: none,
	megatron_config: none,
	velora_config: none,
	monteclora_config: none,
	kasa_config: none,
	arrow_config: none,
	use_bdlora: none,
	// These fill A and B only, which the file then replaces. The others (pissa, olora, corda, loftq, lora_ga) change the
	// base's weights as the adapter is put on.
	init_lora_weights: [true, false, 'gaussian', 'eva', 'orthogonal', 'mica'],
};

/** Keys that change nothing, by the reason. */
const harmless: ReadonlySet<string> = new Set([
	// Where the adapter is from, and which class its base had.
	...['base_model_name_or_path', 'revision', 'peft_version', 'auto_mapping'],
	// How it is held while it runs; PEFT itself drops the second.
	...['inference_mode', 'runtime_config'],
	// Read only where another key, which is refused, asks for it.
	...['megatron_core', 'qalora_group_size', 'loftq_config', 'corda_config', 'lora_ga_config'],
	// How A was first filled.
	'eva_config',
]);

/** Throws `BadInput` naming the key. */
export function parseAdapterConfig(json: unknown): AdapterConfig {
	const parsed = v.safeParse(UsedSchema, json);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw refused(v.getDotPath(issue) ?? '', issue.message);
	}
	const used = parsed.output;
	for (const [key, value] of Object.entries(used)) judge(key, value);
	checkPattern(used);
	return {
		rank: used.r,
		alpha: used.lora_alpha,
		dropout: used.lora_dropout,
		scaling: used.use_rslora ? 'rank-stabilised' : 'standard',
		...placementOf(used),
		saved: used.modules_to_save ?? [],
		ensuresTying: used.ensure_weight_tying,
	};
}

/** An expression from a file is not run: it could take for ever. */
function placementOf({
	target_modules: targets,
	exclude_modules: excluded,
	layers_to_transform: layers,
}: v.InferOutput<typeof UsedSchema>): Pick<AdapterConfig, 'targets' | 'layers' | 'excluded'> {
	return {
		targets: typeof targets === 'string' || typeof excluded === 'string' ? null : targets,
		layers: typeof layers === 'number' ? [layers] : layers?.length === 0 ? null : layers,
		excluded: typeof excluded === 'string' ? [] : (excluded ?? []),
	};
}

const holdsNothing = (value: unknown): boolean =>
	typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** An empty list of invocation tokens turns aLoRA on, too. */
const emptyMeansNone = (key: string): boolean => key !== 'alora_invocation_tokens';

function judge(key: string, value: unknown): void {
	if (Object.hasOwn(UsedSchema.entries, key) || harmless.has(key) || value === null) return;
	const neutral = Object.hasOwn(neutralValues, key) ? neutralValues[key] : undefined;
	if (neutral?.includes(value) === true) return;
	if (neutral?.length === 0 && holdsNothing(value) && emptyMeansNone(key)) return;
	const shown = shownValue(value);
	throw refused(
		key,
		neutral ? `${shown} is not supported` : `${shown}: this setting is not known here`,
	);
}

/** PEFT looks for the number behind the pattern; in the models here only `layers.N` is one. */
function checkPattern(used: v.InferOutput<typeof UsedSchema>): void {
	const { layers_pattern: pattern, layers_to_transform: layers } = used;
	if (pattern === null || pattern.length === 0 || layers === null) return;
	const patterns = typeof pattern === 'string' ? [pattern] : pattern;
	if (patterns.includes('layers')) return;
	throw refused('layers_pattern', `${shownValue(pattern)} finds no layer; expected "layers"`);
}

const refused = (key: string, problem: string): Error =>
	badFile(
		adapterConfigFile,
		`"${key.slice(0, 100)}": ${problem}; only plain LoRA can be read, with one rank and no bias`,
	);

/** Whether a module's name is one of `ends`, or ends in `.` and one of them. */
const endsIn = (module: string, ends: readonly string[]): boolean =>
	ends.some((end) => module === end || module.endsWith(`.${end}`));

/** Whether the file holds the module in full (PEFT: `modules_to_save`). */
export const isSaved = ({ saved }: AdapterConfig, module: string): boolean =>
	saved.some((name) => module.endsWith(name));

/** Whether PEFT puts an adapter on the module (`check_target_module_exists`); null where an expression says it. */
export function isTarget(config: AdapterConfig, module: string): boolean | null {
	const { targets, layers, excluded, saved } = config;
	if (targets === null) return null;
	if (endsIn(module, excluded)) return false;
	if (saved.some((name) => `.${module}.`.includes(`.${name}.`))) return false;
	if (targets.includes(module)) return true;
	if (!endsIn(module, targets)) return false;
	const [, layer] = /\.layers\.(\d+)\./.exec(module) ?? [];
	return layers === null || layers.includes(Number(layer));
}
