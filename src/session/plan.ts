/** What a spec means on a loaded model: its stages, what they cost, and the adapters it puts on. */
import type { RunSpec, Selection } from '../contract/spec.ts';
import type { TrainingForecast } from '../contract/training.ts';
import { initialAdapter } from '../engine/adapters/lora.ts';
import type { Ops } from '../engine/ops.ts';
import { type PlannedRun, planTraining } from '../engine/plan.ts';
import { layerSet, selectedLayers } from '../selection/positional.ts';
import { memoryBudget } from './device.ts';
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
	const stages = selections(spec).map((selection) => {
		const set = layerSet(selection, config.layers);
		return planTraining(config, model.shapes, { ...spec, selection }, set, memoryBudget(ops));
	});
	const forecasts = stages.map(({ forecast }) => forecast);
	return {
		stages,
		forecast: forecasts.reduce((most, next) => (next.bytes.total > most.bytes.total ? next : most)),
		trainable: new Set(stages.flatMap((stage) => [...stage.trainable])),
	};
}

/** Puts on the adapters of a LoRA run, those of all stages, as they are before its first update. */
export function adaptModel(model: LoadedModel, spec: RunSpec): void {
	const { tune, seed } = spec;
	if (tune === undefined) return;
	const layers = selectedLayers(spec, model.decoder.config.layers);
	model.adapt(tune, layers, (tensor) => initialAdapter(seed, tensor));
}
