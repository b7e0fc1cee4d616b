/** What a spec means on a loaded model: its stages, what they cost, and the adapters it puts on. */
import { precisionOf } from '../contract/precision.ts';
import type { RunSpec, Selection } from '../contract/spec.ts';
import type { TrainingForecast } from '../contract/training.ts';
import { initialAdapter } from '../engine/adapters/lora.ts';
import type { Ops } from '../engine/ops.ts';
import { type PlannedRun, planTraining, trainableOf } from '../engine/plan.ts';
import { formatOf } from '../engine/precision.ts';
import { layerSet, selectedLayers } from '../selection/positional.ts';
import { checkPrecision, memoryBudget } from './device.ts';
import type { LoadedModel } from './model.ts';

export interface RunPlan {
	/** In the order they are trained; at least one. */
	readonly stages: readonly PlannedRun[];
	/** Of the stage that needs most memory. */
	readonly forecast: TrainingForecast;
	/** Parameters that train in any stage. */
	readonly trainable: ReadonlySet<string>;
}

const selections = ({ selection, stages = [] }: RunSpec): Selection[] => [selection, ...stages];

export function planRun(ops: Ops, model: LoadedModel, spec: RunSpec): RunPlan {
	const { config } = model.decoder;
	checkPrecision(ops, precisionOf(spec));
	const sets = selections(spec).map((selection) => layerSet(selection, config.layers));
	const trainable = new Set(sets.flatMap((set) => [...trainableOf(spec, set, model.shapes)]));
	const stages = sets.map((set) =>
		planTraining(config, model.shapes, spec, set, memoryBudget(ops), trainable),
	);
	const forecasts = stages.map(({ forecast }) => forecast);
	return {
		stages,
		forecast: forecasts.reduce((most, next) => (next.bytes.total > most.bytes.total ? next : most)),
		trainable,
	};
}

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
