/** The training thread's api: one device, one loaded model, one job at a time. */
import * as v from 'valibot';
import { namedError } from '../contract/errors.ts';
import { RunSpecSchema } from '../contract/spec.ts';
import { CometReferenceSchema, cometAdvice } from '../contract/comet.ts';
import { AdapterReferenceSchema, ReferenceSchema } from '../contract/verification.ts';
import type { TrainerApi } from '../contract/trainerApi.ts';
import { verifyComet } from '../engine/comet/verify.ts';
import { verify } from '../engine/verify.ts';
import { verifyAdapter } from '../engine/verifyAdapter.ts';
import { openDatabase } from '../storage/database.ts';
import { noteLibrary } from '../storage/lost.ts';
import { announceRun } from '../storage/mirror/changes.ts';
import { loadAdapted } from './adapter.ts';
import { openComet } from './comet.ts';
import { calibrate } from './calibrate.ts';
import { startDevice } from './device.ts';
import { evaluate } from './evaluate.ts';
import { fitOf } from './fit.ts';
import { lensCharts } from './lens.ts';
import { batchEvents } from './events.ts';
import { loadModel, sourcesOf, withBaseWeights } from './model.ts';
import { planModel, planSpec } from './plan.ts';
import { restoreWeights, runJob } from './run.ts';
import { scoreLayers } from './select.ts';
import { TrainerState } from './state.ts';
import { continueText, sampleRequest } from './text.ts';

export function createTrainer(): TrainerApi {
	const state = new TrainerState();
	return {
		...setupApi(state),
		...trainingApi(state),
		...measuringApi(state),
		...cometApi(state),
	};
}

function setupApi(state: TrainerState) {
	return {
		start: (backend, threads) =>
			state.alone('starting the device', async () => {
				state.releaseModel();
				state.releaseComet();
				state.device?.ops.dispose();
				state.device = null;
				state.device = await startDevice(backend, threads);
				return state.device.report;
			}),
		load: (source, untie, onProgress, format) =>
			state.alone('loading a model', async () => {
				state.releaseModel();
				const { ops, memory } = state;
				state.model = await loadModel(ops, source, untie, onProgress, format, memory);
				return state.model.summary;
			}),
		loadAdapted: (source, adapter, onProgress) =>
			state.alone('loading an adapter', async () => {
				state.releaseModel();
				const { ops, memory } = state;
				const files = await sourcesOf(adapter);
				state.model = await loadAdapted(ops, source, files, onProgress, memory);
				return state.model.summary;
			}),
		limitMemory: (bytes) => {
			state.memory = bytes;
			return Promise.resolve();
		},
		forecast: (spec) => {
			const { planDevice: device } = state;
			const model = planModel(state.loaded);
			const { forecast } = planSpec(device, model, spec);
			return Promise.resolve({ ...forecast, fit: fitOf(device, model, spec) });
		},
	} satisfies Partial<TrainerApi>;
}

function trainingApi(state: TrainerState) {
	const { gate } = state;
	/** The gate's methods answer at once; the api is asynchronous. */
	const told = (tell: () => void) => () => {
		tell();
		return Promise.resolve();
	};
	return {
		calibrate: (job) =>
			state.alone('timing updates', () =>
				calibrate(state.ops, state.loaded, state.planDevice, job),
			),
		train: (job, onEvents) =>
			state.alone('training', async () => {
				const { ops, loaded: model, environment, planDevice: device } = state;
				const spec = checked(RunSpecSchema, job.spec, 'The specification of the run');
				const events = batchEvents(onEvents);
				gate.prepare();
				try {
					const continued = (prompt: string) =>
						continueText(ops, model, sampleRequest(prompt), state.check);
					const db = await openDatabase();
					return await runJob(
						{ ...job, spec },
						{
							...{ ops, model, db, gate, environment, device },
							continueText: continued,
							emit(event) {
								events.add(event);
								if (event.kind === 'checkpoint' || event.kind === 'measured')
									announceRun(job.runId);
							},
							check: state.check,
						},
					);
				} finally {
					gate.end();
					events.flush();
					announceRun(job.runId);
					// This thread alone knows of a run that went with the whole database.
					await openDatabase().then(noteLibrary, () => undefined);
				}
			}),
		pause: told(gate.pause),
		resume: told(gate.resume),
		step: told(gate.step),
		stop: told(gate.stop),
		restore: (runId) =>
			state.alone('loading a run', async () =>
				restoreWeights(state.ops, state.loaded, await openDatabase(), runId),
			),
	} satisfies Partial<TrainerApi>;
}

function measuringApi(state: TrainerState) {
	/** Runs `work` on the asked weights, and leaves the present ones. */
	const measured = <T>(name: string, weights: 'base' | 'current', work: () => Promise<T>) =>
		state.alone(name, () =>
			weights === 'current' ? work() : withBaseWeights(state.ops, state.loaded, work),
		);
	return {
		generate: (request, onText) =>
			measured('generating', request.weights, () =>
				continueText(state.ops, state.loaded, request, state.check, onText),
			),
		evaluate: async (request, onProgress, onPredictions) => {
			const { rows, predictions } = await measured('measuring', request.weights, () =>
				evaluate(state.ops, state.loaded, request, {
					onProgress,
					check: state.check,
					comet: state.comet,
				}),
			);
			// Across threads a call is a promise: awaited, so that predictions never come after the rows.
			await onPredictions?.(predictions);
			return [...rows];
		},
		lens: (request, onProgress) =>
			measured('looking into layers', request.weights, () =>
				lensCharts(state.ops, state.loaded, request, { onProgress, check: state.check }),
			),
		scoreLayers: (request, onProgress) =>
			measured('scoring layers', 'base', () =>
				scoreLayers(state.ops, state.loaded, request, { onProgress, check: state.check }),
			),
		cancel: () => {
			state.cancel();
			return Promise.resolve();
		},
		verify: (reference, onProgress) =>
			state.alone('verifying', () => {
				const { adapted, decoder } = state.loaded;
				const json = parseReference(reference);
				const told = (done: number, total: number, label: string) => {
					onProgress({ done, total, label });
				};
				return adapted
					? verifyAdapter(state.ops, decoder, checked(AdapterReferenceSchema, json), told)
					: verify(state.ops, decoder, checked(ReferenceSchema, json), told);
			}),
	} satisfies Partial<TrainerApi>;
}

function cometApi(state: TrainerState) {
	const loaded = () => {
		if (state.comet) return state.comet;
		throw namedError('NotFound', `COMET is not loaded. ${cometAdvice}`);
	};
	return {
		loadComet: (source, onProgress) =>
			state.alone('loading COMET', async () => {
				state.releaseComet();
				state.comet = await openComet(state.ops, await sourcesOf(source), onProgress, state.check);
				return state.comet.summary;
			}),
		scoreComet: (items, onProgress) =>
			state.alone('scoring translations', () =>
				loaded().score(items, (done, total) => {
					state.check();
					onProgress({ done, total, label: 'COMET' });
				}),
			),
		verifyComet: (reference, onProgress) =>
			state.alone('verifying', () => {
				const numbers = checked(CometReferenceSchema, parseReference(reference));
				return verifyComet(state.ops, loaded().comet, numbers, (done, total, label) => {
					onProgress({ done, total, label });
				});
			}),
	} satisfies Partial<TrainerApi>;
}

/** Throws `BadInput` naming the first field that is not as the schema asks. */
function checked<Schema extends v.GenericSchema>(
	schema: Schema,
	json: unknown,
	what = 'The reference file',
): v.InferOutput<Schema> {
	const parsed = v.safeParse(schema, json);
	if (parsed.success) return parsed.output;
	const [issue] = parsed.issues;
	throw namedError('BadInput', `${what}: ${v.getDotPath(issue) ?? ''} ${issue.message}`);
}

function parseReference(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw namedError('BadInput', 'The reference file is not JSON; make it again');
	}
}
