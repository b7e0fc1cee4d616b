/** The jobs of a study on one new language of the demo: its texts tokenised once, one job per point. */
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StudyJob, StudyPoint } from '../contract/study.ts';
import type { DataApi, DemoChoice, Progress, StoreApi } from '../contract/workers.ts';

export interface StudyPlan {
	readonly choice: DemoChoice;
	readonly model: Pick<ModelRecord, 'id'>;
	readonly points: readonly StudyPoint[];
	/** Updates between two probes; null: none. */
	readonly probeEvery: number | null;
	/** The run of a point; null where it trains nothing. */
	readonly specOf: (point: StudyPoint, dataset: DatasetRecord) => RunSpec | null;
}

/** Ids are `language/seed/point`. Without a point that trains, no texts are tokenised. */
export async function studyJobs(
	threads: { readonly store: StoreApi; readonly data: DataApi },
	{ choice, model, points, probeEvery, specOf }: StudyPlan,
	onProgress: (progress: Progress) => void,
): Promise<StudyJob[]> {
	const { dataset, probe, final } = await threads.store.importDemoLanguage(choice);
	const specs = points.map((point) => ({ point, spec: specOf(point, dataset) }));
	const any = specs.find(({ spec }) => spec !== null)?.spec;
	const prepared = any ? await threads.data.prepare(model.id, any.data, onProgress) : null;
	return specs.map(({ point, spec }) => ({
		id: `${choice.language}/${choice.seed}/${point.id}`,
		spec,
		train: prepared?.train ?? null,
		probe: probeEvery === null ? null : { tasks: probe, every: probeEvery },
		final,
	}));
}
