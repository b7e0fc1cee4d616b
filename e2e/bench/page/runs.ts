/** Runs as they are forecast and as they are measured, in the page: bytes, and seconds of an update. */
import { countTargets, createBatches } from '../../../src/engine/batches.ts';
import type { TokenBlock } from '../../../src/contract/training.ts';
import type { Ops } from '../../../src/engine/ops.ts';
import { createTrainingState, releaseTrainingState, train } from '../../../src/engine/train.ts';
import { calibrate } from '../../../src/session/calibrate.ts';
import { planDevice } from '../../../src/session/device.ts';
import { type LoadedModel, loadModel } from '../../../src/session/model.ts';
import { planModel, planSpec, prepareModel } from '../../../src/session/plan.ts';
import type { MeasuredRun, RunsJob } from './api.ts';

/** One thread: several wait for each other, and where other programs run they wait for those. */
const createOps = async (backend: RunsJob['backend']): Promise<Ops> =>
	backend === 'wasm'
		? (await import('../../../src/engine/wasm/ops.ts')).createWasmOps({ threads: 1 })
		: (await import('../../../src/engine/webgpu/ops.ts')).createWebGpuOps();

export async function measureRuns(job: RunsJob): Promise<MeasuredRun[]> {
	const ops = await createOps(job.backend);
	try {
		const files = job.files.map(({ name, bytes }) => new File([Uint8Array.from(bytes)], name));
		const model = await loadModel(ops, { kind: 'files', files }, true, () => undefined);
		const runs: MeasuredRun[] = [];
		for (const run of job.runs) runs.push(await measureRun(ops, model, run, job.updates));
		model.release();
		return runs;
	} finally {
		ops.dispose();
	}
}

function blockOf({
	positions,
	inputIds,
	targets,
	...sizes
}: RunsJob['runs'][number]['sequences']): TokenBlock {
	const block = {
		...sizes,
		inputIds: Int32Array.from(inputIds),
		targets: Int32Array.from(targets),
	};
	return positions ? { ...block, positions: Int32Array.from(positions) } : block;
}

async function measureRun(
	ops: Ops,
	model: LoadedModel,
	{ name, spec, sequences }: RunsJob['runs'][number],
	updates: RunsJob['updates'],
): Promise<MeasuredRun> {
	const block = blockOf(sequences);
	const device = planDevice(ops, null);
	const { forecast } = planSpec(device, planModel(model), spec);
	const expected =
		updates.calibration === 0
			? null
			: await calibrate(ops, model, device, { spec, train: block }, updates.calibration);
	const measured = await trainFor(ops, model, { ...spec, steps: updates.measured + 1 }, block);
	return {
		name,
		expected: { bytes: forecast.bytes, seconds: expected?.secondsPerUpdate ?? null },
		...measured,
	};
}

/** The run itself; its first update compiles kernels and is left out. */
async function trainFor(
	ops: Ops,
	model: LoadedModel,
	spec: RunsJob['runs'][number]['spec'],
	block: TokenBlock,
): Promise<Pick<MeasuredRun, 'peakBytes' | 'seconds' | 'targets' | 'places'>> {
	const [stage] = planSpec(planDevice(ops, null), planModel(model), spec).stages;
	if (stage === undefined) throw new Error('a run without a stage');
	await prepareModel(model, spec, stage.trainable);
	model.markChanged(stage.trainable);
	ops.resetPeak();
	const { decoder } = model;
	const state = createTrainingState(ops, decoder, stage.trainable, 0, spec.optimizer.kind);
	const batches = createBatches(spec, block);
	const { accumulation } = spec.batch;
	const seconds: number[] = [];
	let targets = 0;
	let places = 0;
	const updates = train(ops, decoder, spec, block, stage.plan, stage.trainable, state);
	for await (const event of updates) {
		if (event.step === 0) continue;
		seconds.push(event.seconds);
		places += event.tokens;
		for (let i = 0; i < accumulation; i++)
			targets += countTargets(batches(event.step * accumulation + i).targets);
	}
	releaseTrainingState(ops, state);
	const { peakBytes } = ops.memory();
	await model.reset();
	return { peakBytes, seconds, targets, places };
}
