/** Holds one contestant and times its steps. Every contestant runs in a worker of its own, as the lab's engine does. */
import { expose } from 'comlink';
import type { Peer } from '../peers/peer.ts';
import { makeBatch, makeWeights, STEP } from '../step.ts';
import type { BenchApi, Entry } from './api.ts';

const SEED = 1;

async function create({ peer, backend, selection, recompute }: Entry): Promise<Peer> {
	switch (peer) {
		case 'tfjs-tape':
			return (await import('../peers/tfjsTape.ts')).tfjsTape(backend);
		case 'jax-js':
			return (await import('../peers/jaxJs.ts')).jaxJs(backend);
		case 'lab': {
			const options = { selection: selection ?? { method: 'full' }, recompute: recompute ?? false };
			return (await import('../peers/lab.ts')).lab(backend, options);
		}
	}
}

async function describeAdapter(): Promise<string | null> {
	const gpu = (navigator as Partial<Navigator>).gpu;
	const info = (await gpu?.requestAdapter())?.info;
	return info ? [info.vendor, info.architecture, info.description].filter(Boolean).join(' ') : null;
}

function createHost(): BenchApi {
	let peer: Peer | null = null;
	let config = STEP;
	const current = () => {
		if (!peer) throw new Error('open a contestant first');
		return peer;
	};
	return {
		async open(entry) {
			config = { ...STEP, layers: entry.layers ?? STEP.layers };
			peer = await create(entry);
			await peer.setup(makeWeights(SEED, config), config);
			return { name: peer.name, crossOriginIsolated, adapter: await describeAdapter() };
		},
		async steps(first, count) {
			const losses: number[] = [];
			const milliseconds: number[] = [];
			for (let step = first; step < first + count; step++) {
				const { inputIds, labels } = makeBatch(step, config);
				const started = performance.now();
				losses.push(await current().step(inputIds, labels));
				milliseconds.push(performance.now() - started);
			}
			return { losses, milliseconds };
		},
		peakBytes: () => Promise.resolve(current().peakBytes?.() ?? null),
		runs: async (job) => (await import('./runs.ts')).measureRuns(job),
		score: async (job) => (await import('./scoring.ts')).scoreTwice(job),
		async close() {
			await peer?.dispose();
			peer = null;
		},
	};
}

expose(createHost());
