/**
 * `npm run soak`: 10,000 updates of a real checkpoint of 260 thousand parameters on WASM and 1,000 on WebGPU (emulated,
 * unless LAB_GPU=1), in the built page, whose timers run once a second from a third of them on, as in a hidden tab, and whose
 * renderer is stopped for a minute at two thirds. Nothing may grow by 1 kB an update or more: the page's heap, the memory of renderer and GPU process,
 * the database beyond what is kept of every update, its files over many rewritings of them. `--only wasm`, `--rounds N` (updates instead of the usual ones).
 */
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuild } from '../../src/headless/install.mjs';
import { javanesePairs, storiesModel } from '../fixtures/shared.ts';
import { machine } from './machine.ts';
import { type Held, openSoakPage } from './soakPage.ts';

/** Bytes an update; nothing may grow by as much. */
const BAR = 1000;

/** Samples of a run, evenly spread, and checkpoints; the first quarter is left out: caches fill there. */
const samples = 40;

/** Updates below which the browser tidies the database's files too seldom for their size to say something. */
const tidied = 5000;

const stopped = 60_000;

const changes = (steps: number) => ({
	...{
		untie: true,
		selection: { method: 'cogsym', k: 2 },
		steps,
		checkpointEvery: Math.ceil(steps / samples),
	},
	data: { packing: 'stream', sequenceLength: 64, rows: [0, 400], heldOut: { rows: 0 } },
	...{ batch: { size: 2, accumulation: 1 }, optimizer: { learningRate: 1e-4 } },
});

type Quantity = Exclude<keyof Held, 'step'>;

/** Bytes by which a quantity grows with every update: least squares. */
function slope(held: readonly Held[], quantity: Quantity): number {
	const mean = (values: readonly number[]) =>
		values.reduce((sum, value) => sum + value, 0) / values.length;
	const [x, y] = [mean(held.map(({ step }) => step)), mean(held.map((one) => one[quantity]))];
	const products = held.map((one) => (one.step - x) * (one[quantity] - y));
	const squares = held.map(({ step }) => (step - x) ** 2);
	return mean(products) / mean(squares);
}

interface Soaked {
	readonly backend: string;
	readonly device: unknown;
	readonly updates: number;
	readonly seconds: number;
	/** Bytes an update. */
	readonly slopes: Readonly<Record<Quantity, number>>;
	readonly held: readonly Held[];
	readonly chromium: string;
	readonly passed: boolean;
}

async function soak(backend: 'wasm' | 'webgpu', updates: number): Promise<Soaked> {
	const soaking = await openSoakPage();
	const { share, held: measure } = soaking;
	try {
		const model = readdirSync(storiesModel)
			.filter((name) => /\.(json|safetensors)$/.test(name) && !name.startsWith('golden'))
			.map((name) => join(storiesModel, name));
		const request = {
			resume: null,
			model: { name: 'stories260K', files: share(model) },
			dataset: { file: share([javanesePairs])[0], mapping: null },
			changes: changes(updates),
			memory: null,
		};
		const device = await soaking.call('start', backend);
		const started = performance.now();
		let answer: { steps: number; status: string } | undefined;
		const training = soaking
			.call('train', request)
			.then((result) => (answer = result as typeof answer));
		// What ends it is told by the loop below.
		training.catch(() => undefined);
		const held: Held[] = [];
		const next = (done: number) => updates * (done / samples);
		let wasStopped = false;
		while (!answer) {
			const now = await measure();
			if (now.step >= next(held.length + 1)) {
				held.push(now);
				console.log(`     ${backend} ${now.step}: ${describe(now)}`);
			}
			if (now.step > updates / 3) await soaking.slowTimers();
			if (now.step > (2 * updates) / 3 && !wasStopped) {
				wasStopped = true;
				await soaking.stopRenderer(stopped);
			}
			await Promise.race([training, new Promise((resolve) => setTimeout(resolve, 1000))]);
		}
		const seconds = (performance.now() - started) / 1000;
		const kept = held.slice(Math.floor(held.length / 4));
		const slopes = {
			heap: slope(kept, 'heap'),
			renderer: slope(kept, 'renderer'),
			gpu: slope(kept, 'gpu'),
			database: slope(kept, 'database'),
			files: slope(kept, 'files'),
		};
		const whole = answer.status === 'finished' && answer.steps === updates;
		const judged = Object.entries(slopes).filter(([name]) => name !== 'files' || updates >= tidied);
		const passed = whole && judged.every(([, one]) => one < BAR);
		const text = Object.entries(slopes).map(([name, value]) => `${name} ${value.toFixed(0)}`);
		console.log(
			`${passed ? 'ok  ' : 'MISS'} ${backend}: ${answer.steps} updates in ${seconds.toFixed(0)} s; bytes an update: ${text.join(', ')} (below ${BAR})`,
		);
		const { version: chromium } = soaking;
		return { backend, device, updates, seconds, slopes, held, chromium, passed };
	} finally {
		await soaking.close();
	}
}

const describe = ({ heap, renderer, gpu, database, files }: Held) =>
	Object.entries({ heap, renderer, gpu, database, files })
		.map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(1)} MB`)
		.join(', ');

export async function run(options: {
	json: string | null;
	only: string;
	rounds: number | null;
}): Promise<void> {
	await ensureBuild();
	const runs: Soaked[] = [];
	for (const [backend, updates] of [
		['wasm', 10_000],
		['webgpu', 1000],
	] as const) {
		if (!backend.includes(options.only)) continue;
		runs.push(await soak(backend, options.rounds ?? updates));
		if (options.json === null) continue;
		const about = await machine(runs[0]?.chromium ?? null);
		await writeFile(options.json, `${JSON.stringify({ ...about, runs }, null, '\t')}\n`);
	}
	if (runs.some(({ passed }) => !passed)) throw new Error('something grows with every update');
}
