/** Whole training steps on the GPU: the lab's engine and jax-js in turn, and shapes of Llama-2-7B that only the lab trains. */
import type { Selection } from '../../../src/contract/spec.ts';
import { median } from '../median.ts';
import { lab } from '../peers/lab.ts';
import type { Peer } from '../peers/peer.ts';
import {
	makeBatch,
	makeWeights,
	STEP,
	type StepConfig,
	type Weight,
	type Weights,
} from '../step.ts';
import type { Report, Wanted } from './report.ts';

interface Step {
	readonly name: string;
	readonly config: StepConfig;
	readonly selection: Selection;
	/** Whether jax-js takes it, too: it trains everything and keeps all activations. */
	readonly peer: boolean;
	readonly recompute: boolean;
	/** Takes minutes on an adapter that is emulated on a CPU. */
	readonly large: boolean;
}

export interface StepRow {
	readonly name: string;
	readonly contestant: string;
	/** Median wall time, device idle at the end. */
	readonly milliseconds: number;
	readonly tokensPerSecond: number;
	/** Most device bytes handed out to tensors; null where the contestant cannot tell. */
	readonly peakBytes: number | null;
	readonly losses: readonly number[];
}

const medium: StepConfig = {
	...STEP,
	hiddenSize: 1024,
	layers: 12,
	heads: 16,
	keyValueHeads: 16,
	headDim: 64,
	intermediateSize: 2816,
	vocabSize: 32000,
	batch: 4,
	length: 512,
};

/** Llama-2-7B's shapes. */
const large: StepConfig = {
	...medium,
	hiddenSize: 4096,
	layers: 32,
	heads: 32,
	keyValueHeads: 32,
	headDim: 128,
	intermediateSize: 11008,
	batch: 1,
};

const full: Selection = { method: 'full' };
const cogsym = (k: number): Selection => ({ method: 'cogsym', k });
const kept = { recompute: false, large: true } as const;

const steps: readonly Step[] = [
	{ name: 'small/full', config: STEP, selection: full, peer: true, ...kept, large: false },
	{ name: '0.2B/full', config: medium, selection: full, peer: true, ...kept },
	{ name: '0.2B/cogsym-4', config: medium, selection: cogsym(4), peer: false, ...kept },
	{
		name: '7B-shapes-4-layers/full',
		config: { ...large, layers: 4 },
		selection: full,
		peer: true,
		...kept,
	},
	{
		name: '7B/cogsym-8',
		config: large,
		selection: cogsym(8),
		peer: false,
		recompute: true,
		large: true,
	},
];

/** Numbers of one layer serve all: what a step costs does not depend on them, and 27 GB of them take minutes to draw. */
function sharedWeights(config: StepConfig): Weights {
	const one = makeWeights(1, { ...config, layers: 1 });
	const weights = new Map<string, Weight>();
	for (const [name, weight] of one) {
		if (!name.includes('layers.0.')) weights.set(name, weight);
		else
			for (let layer = 0; layer < config.layers; layer++)
				weights.set(name.replace('layers.0.', `layers.${layer}.`), weight);
	}
	return weights;
}

const warmUp = 2;
const timed = 5;

async function take(peer: Peer, { name, config }: Step, weights: Weights): Promise<StepRow> {
	await peer.setup(weights, config);
	const losses: number[] = [];
	const times: number[] = [];
	for (let step = 0; step < warmUp + timed; step++) {
		const { inputIds, labels } = makeBatch(step, config);
		const started = performance.now();
		losses.push(await peer.step(inputIds, labels));
		if (step >= warmUp) times.push(performance.now() - started);
	}
	const milliseconds = median(times);
	return {
		name,
		contestant: peer.name,
		milliseconds,
		tokensPerSecond: (config.batch * config.length * 1e3) / milliseconds,
		peakBytes: peer.peakBytes?.().total ?? null,
		losses,
	};
}

/** A step that cannot be taken here (memory, limits) is told and left out; the others go on. */
async function attempt(
	open: () => Promise<Peer>,
	step: Step,
	weights: Weights,
	report: Report,
): Promise<StepRow | null> {
	let peer: Peer | null = null;
	try {
		peer = await open();
		const row = await take(peer, step, weights);
		report(`${row.name}, ${row.contestant}: ${row.milliseconds.toFixed(1)} ms`);
		return row;
	} catch (error) {
		report(`${step.name} failed: ${error instanceof Error ? error.message : String(error)}`);
		return null;
	} finally {
		await peer?.dispose();
	}
}

/** It maps and filters iterators, which Node 20 cannot. */
async function openJaxJs(): Promise<Peer> {
	await import('core-js/actual/iterator/index.js');
	const { jaxJs } = await import('../peers/jaxJs.ts');
	return jaxJs('webgpu');
}

/** @param software whether the adapter is emulated: large steps are left out unless `all` is set */
export async function measureSteps(
	wanted: Wanted,
	software: boolean,
	all: boolean,
	report: Report,
): Promise<StepRow[]> {
	const rows: StepRow[] = [];
	for (const step of steps) {
		if (!wanted(`step/${step.name}`) || (step.large && software && !all)) continue;
		const weights = step.large ? sharedWeights(step.config) : makeWeights(1, step.config);
		const { selection, recompute } = step;
		const openers = [() => lab('webgpu', { selection, recompute })];
		if (step.peer) openers.push(openJaxJs);
		for (const open of openers) {
			const row = await attempt(open, step, weights, report);
			if (row) rows.push(row);
		}
	}
	return rows;
}
