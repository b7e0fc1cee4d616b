/** A question, the runs that answer it, and what came out. */
import type { EvaluationTask } from './evaluation.ts';
import type { RunSpec, Selection } from './spec.ts';
import type { TokenBlock, TrainJob } from './training.ts';

/** LoRA instead of full training of the chosen layers; embedding and head, where chosen, are still trained in full. */
export interface AdapterChoice {
	readonly rank: number;
	readonly alpha: number;
}

/** One configuration of a study. Everything else (data, learning rate, updates, seed) is the same for all of them. */
export interface StudyPoint {
	/** Stable name, e.g. `front`, `layer-3`. */
	readonly id: string;
	/** Short words for tables and charts. */
	readonly label: string;
	/** Regions trained one after the other, each for the study's number of updates; empty: the base model, measured only. */
	readonly stages: readonly Selection[];
	readonly adapter: AdapterChoice | null;
	/** Place on the study's axis; null where the point is a reference to compare with. */
	readonly position: number | null;
}

export interface Study {
	readonly id: string;
	readonly title: string;
	readonly question: string;
	/** What the paper leads one to expect. */
	readonly expectation: string;
	/** What was found in this project's own measurements; empty until measured. */
	readonly finding: string;
	/** What `position` counts. */
	readonly axis: 'region' | 'layer' | 'layers trained' | 'order';
	readonly points: readonly StudyPoint[];
}

/** One point of a study on one dataset and seed: trained, then measured. */
export interface StudyJob {
	/** Unique among the jobs given together. */
	readonly id: string;
	/** null: the base model, measured only. */
	readonly spec: RunSpec | null;
	/** null where nothing is trained. */
	readonly train: TokenBlock | null;
	/** Measured while training. */
	readonly probe: TrainJob['probe'];
	/** True: a finished run that was not measured as often as `probe` says is made anew. */
	readonly needsCurve: boolean;
	/** Measured at the end, and kept with the run. */
	readonly final: readonly EvaluationTask[];
}
