/** What a spec means on a loaded model: its stages, what they cost, and the adapters it puts on. */
import type { ModelConfig } from '../contract/model.ts';
import { precisionOf } from '../contract/precision.ts';
import type { RunSpec, Selection } from '../contract/spec.ts';
import type { TrainingForecast } from '../contract/training.ts';
import { initialAdapter } from '../engine/adapters/lora.ts';
import type { NamedShape } from '../engine/model/weights.ts';
import type { Ops } from '../engine/ops.ts';
import { type PlannedRun, planTraining, trainableOf } from '../engine/plan/plan.ts';
import { formatOf } from '../engine/precision.ts';
import { layerSet, selectedLayers } from '../selection/positional.ts';
import { checkPrecision, keepBudget, type PlanDevice, planDevice } from './device.ts';
import type { LoadedModel } from './model.ts';

export interface RunPlan {
	/** In the order they are trained; at least one. */
	readonly stages: readonly PlannedRun[];
	/** Of the stage that needs most memory. */
	readonly forecast: TrainingForecast;
	/** Parameters that train in any stage. */
	readonly trainable: ReadonlySet<string>;
}

/** What of a model a plan depends on. */
export interface PlanModel {
	readonly config: ModelConfig;
	/** Every parameter of the model itself, a head of its own included, adapters not. */
	readonly shapes: readonly NamedShape[];
}

const selections = ({ selection, stages = [] }: RunSpec): Selection[] => [selection, ...stages];

/** Throws `BadInput` where the spec does not fit the model, or the device cannot keep weights as asked. */
export function planSpec(
	device: PlanDevice,
	{ config, shapes }: PlanModel,
	spec: RunSpec,
): RunPlan {
	checkPrecision(device, precisionOf(spec));
	const fuses = device.backend === 'webgpu';
	const sets = selections(spec).map((selection) => layerSet(selection, config.layers));
	const trainable = new Set(sets.flatMap((set) => [...trainableOf(spec, set, shapes)]));
	const stages = sets.map((set) =>
		planTraining(config, shapes, spec, set, keepBudget(device), trainable, fuses),
	);
	const forecasts = stages.map(({ forecast }) => forecast);
	return {
		stages,
		forecast: forecasts.reduce((most, next) => (next.bytes.total > most.bytes.total ? next : most)),
		trainable,
	};
}

export const planModel = ({ decoder, shapes }: LoadedModel): PlanModel => ({
	config: decoder.config,
	shapes,
});

/** `memory`: bytes the device may hold, null where that is not known. */
export const planRun = (
	ops: Ops,
	model: LoadedModel,
	spec: RunSpec,
	memory: number | null = null,
): RunPlan => planSpec(planDevice(ops, memory), planModel(model), spec);

/**
 * The model as it is before the first update of a run: values of the files, in the formats the run asks for, with the
 * adapters of a LoRA run, those of all stages.
 */
export async function prepareModel(
	model: LoadedModel,
	spec: RunSpec,
	trainable: ReadonlySet<string>,
): Promise<void> {
	const { tune, seed } = spec;
	const precision = precisionOf(spec);
	await model.reset();
	await model.keep((tensor) => formatOf(tensor, trainable.has(tensor.name), precision));
	if (tune === undefined) return;
	const layers = selectedLayers(spec, model.decoder.config.layers);
	const format = precision.trainable === 'f32' ? 'f32' : 'bf16';
	model.adapt(tune, layers, (tensor) => initialAdapter(seed, tensor), format);
}
