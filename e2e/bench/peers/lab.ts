/** The step by the lab's own engine: the training loop of the product, on tokens put in front of it step by step. */
import type { ModelConfig } from '../../../src/contract/model.ts';
import type { Selection } from '../../../src/contract/spec.ts';
import { loadDecoder, releaseDecoder } from '../../../src/engine/model/load.ts';
import type { Ops } from '../../../src/engine/ops.ts';
import { backwardPlan, trainableNames } from '../../../src/engine/plan/plan.ts';
import {
	createTrainingState,
	releaseTrainingState,
	train,
	type TrainingSpec,
} from '../../../src/engine/train.ts';
import { layerSet } from '../../../src/selection/positional.ts';
import type { StepConfig, Weights } from '../step.ts';
import type { PeakBytes, Peer, PeerBackend } from './peer.ts';

async function openOps(backend: PeerBackend): Promise<Ops> {
	if (backend === 'wasm') return (await import('../../../src/engine/wasm/ops.ts')).createWasmOps();
	return (await import('../../../src/engine/webgpu/ops.ts')).createWebGpuOps();
}

function modelConfig(config: StepConfig): ModelConfig {
	const { hiddenSize, intermediateSize, layers, heads, keyValueHeads, headDim } = config;
	return {
		family: 'llama',
		hiddenSize,
		intermediateSize,
		layers,
		heads,
		keyValueHeads,
		headDim,
		vocabularySize: config.vocabSize,
		contextLength: config.length,
		rmsNormEpsilon: config.normEpsilon,
		ropeTheta: config.ropeTheta,
		ropeScaling: null,
		windows: Array.from({ length: layers }, () => null),
		queryKeyValueBias: false,
		outputBias: false,
		queryKeyNorm: false,
		tiedEmbeddings: false,
		bosTokenId: null,
		eosTokenIds: [],
	};
}

function trainingSpec(config: StepConfig): TrainingSpec {
	const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = config;
	return {
		optimizer: { learningRate, beta1, beta2, epsilon, weightDecay, decay: 'all', clipNorm },
		schedule: { kind: 'constant', warmupSteps: 0 },
		batch: { size: config.batch, accumulation: 1 },
		steps: 1_000_000,
		seed: 0,
		data: { order: 'sequential' },
	};
}

/** What an update costs beside the choice of layers. */
export interface LabOptions {
	readonly selection: Selection;
	/** Runs blocks again in backward instead of keeping their activations. */
	readonly recompute: boolean;
}

/** A training loop whose only batch is rewritten before every step. */
async function start(ops: Ops, weights: Weights, config: StepConfig, options: LabOptions) {
	const read = (name: string) => {
		const weight = weights.get(name);
		if (!weight) throw new Error(`no weight named ${name}`);
		return Promise.resolve(weight.data);
	};
	const decoder = await loadDecoder(ops, modelConfig(config), read, false);
	const shapes = [...weights].map(([name, { shape }]) => ({ name, shape }));
	const set = layerSet(options.selection, config.layers);
	const trainable = trainableNames(set, shapes);
	const plan = backwardPlan(trainable, config.layers, false, options.recompute, set);
	const state = createTrainingState(ops, decoder, trainable);
	const tokens = config.batch * config.length;
	const block = {
		count: config.batch,
		sequenceLength: config.length,
		inputIds: new Int32Array(tokens),
		targets: new Int32Array(tokens),
	};
	const spec = trainingSpec(config);
	const loop = train(ops, decoder, spec, block, plan, trainable, state);
	return {
		async step(inputIds: Int32Array, labels: Int32Array) {
			block.inputIds.set(inputIds);
			block.targets.set(labels);
			const { value } = await loop.next();
			if (!value) throw new Error('the training loop ended early');
			await ops.settle();
			return value.loss;
		},
		async dispose() {
			await loop.return();
			releaseTrainingState(ops, state);
			releaseDecoder(ops, decoder);
			ops.dispose();
		},
	};
}

/** The engine on a backend that is started here. Call it in a worker, where wasm threads may sleep. */
export async function lab(backend: PeerBackend, options: LabOptions): Promise<Peer> {
	const ops = await openOps(backend);
	let training: Awaited<ReturnType<typeof start>> | null = null;
	let peak: PeakBytes = { total: 0, before: 0 };
	return {
		name: `lab, ${backend}, ${ops.info.adapter}`,
		async setup(weights, config) {
			training = await start(ops, weights, config, options);
			await ops.settle();
		},
		async step(inputIds, labels) {
			if (!training) throw new Error('setup comes before step');
			const before = ops.memory().bytes;
			ops.resetPeak();
			const loss = await training.step(inputIds, labels);
			peak = { total: ops.memory().peakBytes, before };
			return loss;
		},
		peakBytes: () => peak,
		async dispose() {
			await training?.dispose();
		},
	};
}
