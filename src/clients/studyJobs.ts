/** The jobs of a study on one dataset: its texts tokenised once, one job per point. */
import type { EvaluationTask } from '../contract/evaluation.ts';
import type { DatasetRecord, ModelRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import type { StudyJob, StudyPoint } from '../contract/study.ts';
import type { TrainJob } from '../contract/training.ts';
import type { DataApi, PreparedData } from '../contract/dataApi.ts';
import type { Progress } from '../contract/progress.ts';
import type { DemoChoice, StoreApi } from '../contract/storeApi.ts';

export interface JobPlan<Point extends StudyPoint = StudyPoint> {
	/** `language/seed`: ids of jobs are this and the point's. */
	readonly prefix: string;
	readonly model: Pick<ModelRecord, 'id'>;
	readonly points: readonly Point[];
	/** The run of a point; null where it trains nothing. */
	readonly specOf: (point: Point) => RunSpec | null;
	readonly probeOf: (point: Point) => TrainJob['probe'];
	readonly needsCurve: (point: Point) => boolean;
	readonly final: readonly EvaluationTask[];
}

/** Without a point that trains, no texts are tokenised. */
export async function jobsOf<Point extends StudyPoint>(
	data: DataApi,
	plan: JobPlan<Point>,
	onProgress: (progress: Progress) => void,
	onPrepared: (prepared: PreparedData, spec: RunSpec) => void = () => undefined,
): Promise<StudyJob[]> {
	const { prefix, model, points, specOf, probeOf, needsCurve, final } = plan;
	const specs = points.map((point) => ({ point, spec: specOf(point) }));
	const any = specs.find(({ spec }) => spec !== null)?.spec;
	const prepared = any ? await data.prepare(model.id, any.data, onProgress) : null;
	if (prepared && any) onPrepared(prepared, any);
	return specs.map(({ point, spec }) => ({
		id: `${prefix}/${point.id}`,
		spec,
		train: prepared?.train ?? null,
		probe: probeOf(point),
		needsCurve: needsCurve(point),
		final,
	}));
}

export interface StudyPlan {
	readonly choice: DemoChoice;
	readonly model: Pick<ModelRecord, 'id'>;
	readonly points: readonly StudyPoint[];
	/** Updates between two probes; null: none. */
	readonly probeEvery: number | null;
	/** The run of a point; null where it trains nothing. */
	readonly specOf: (point: StudyPoint, dataset: DatasetRecord) => RunSpec | null;
}

/** The jobs of a demo study on one new language. */
export async function studyJobs(
	threads: { readonly store: StoreApi; readonly data: DataApi },
	{ choice, model, points, probeEvery, specOf }: StudyPlan,
	onProgress: (progress: Progress) => void,
): Promise<StudyJob[]> {
	const { dataset, probe, final } = await threads.store.importDemoLanguage(choice);
	const plan: JobPlan = {
		prefix: `${choice.language}/${choice.seed}`,
		...{ model, points, final },
		specOf: (point) => specOf(point, dataset),
		probeOf: () => (probeEvery === null ? null : { tasks: probe, every: probeEvery }),
		needsCurve: () => false,
	};
	return jobsOf(threads.data, plan, onProgress);
}
