/**
 * `npm run bench -- engine`: the engine's training step against the same step in plain tfjs and in jax-js, its
 * memory against the tape's, and what training fewer layers saves. One Chromium, steps taken in turn, medians.
 */
import { writeFile } from 'node:fs/promises';
import { contest, median, requireSameLosses, type Result, type Rounds } from './contest.ts';
import { openBrowser, type BenchBrowser } from './drive.ts';
import { machine, type Machine } from './machine.ts';
import type { Entry } from './page/api.ts';
import type { PeerBackend } from './peers/peer.ts';
import { STEP } from './step.ts';

export interface Row {
	readonly name: string;
	readonly ours: number;
	readonly peer: number;
	readonly unit: 'ms' | 'MB';
	/** How many times better than the peer: above 1 is better. */
	readonly ratio: number;
}

export interface EngineResult extends Machine {
	/** Of the WebGPU steps. */
	readonly adapter: string | null;
	/** Who ran, with threads. */
	readonly contestants: readonly string[];
	readonly rows: readonly Row[];
}

export interface EngineOptions {
	/** Where the result is written; null: nowhere. */
	readonly json: string | null;
	/** Rows whose name contains this; default: all. */
	readonly only: string;
}

type Report = (line: string) => void;

const ROUNDS: Record<PeerBackend, Rounds> = {
	wasm: { warmUp: 3, timed: 9 },
	webgpu: { warmUp: 2, timed: 5 },
};

const row = (name: string, ours: number, peer: number, unit: Row['unit']): Row => ({
	name,
	ours,
	peer,
	unit,
	ratio: peer / ours,
});

const MEGABYTE = 1e6;

/** Peak of one step, weights and optimizer state included, and what of it the step itself added. */
function memoryRows(ours: Result, tape: Result): Row[] {
	if (!ours.peakBytes || !tape.peakBytes)
		throw new Error('a contestant did not measure its memory');
	const own = (peak: { total: number; before: number }) => peak.total - peak.before;
	const megabytes = (name: string, a: number, b: number) =>
		row(name, a / MEGABYTE, b / MEGABYTE, 'MB');
	return [
		megabytes('memory/webgpu/tfjs-tape', ours.peakBytes.total, tape.peakBytes.total),
		megabytes('memory-added/webgpu/tfjs-tape', own(ours.peakBytes), own(tape.peakBytes)),
	];
}

async function stepRows(
	browser: BenchBrowser,
	backend: PeerBackend,
	report: Report,
): Promise<{ rows: Row[]; results: Result[] }> {
	const entries = (['lab', 'tfjs-tape', 'jax-js'] as const).map((peer) => ({ peer, backend }));
	const results = await contest(browser, entries, ROUNDS[backend], report);
	const [ours, tape, jax] = results;
	if (!ours || !tape || !jax) throw new Error('a contestant is missing');
	requireSameLosses(results);
	const time = (name: string, peer: Result) =>
		row(`step/${backend}/${name}`, median(ours.milliseconds), median(peer.milliseconds), 'ms');
	const rows = [time('tfjs-tape', tape), time('jax-js', jax)];
	if (backend === 'webgpu') rows.push(...memoryRows(ours, tape));
	return { rows, results };
}

/**
 * What one more layer adds to the peak, against what it may: its block input, and its weights with their gradients
 * and two moments. The blocks run again in backward; with kept activations a layer costs those as well.
 */
async function layerRow(browser: BenchBrowser, report: Report): Promise<Row> {
	const entry = { peer: 'lab', backend: 'webgpu', recompute: true } as const;
	const entries = [STEP.layers, 2 * STEP.layers].map((layers) => ({ ...entry, layers }));
	const results = await contest(browser, entries, { warmUp: 1, timed: 1 }, report);
	const [shallow, deep] = results.map(({ peakBytes }) => peakBytes?.total ?? NaN);
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim, batch, length } = STEP;
	const attention = (2 * heads + 2 * keyValueHeads) * headDim * hiddenSize;
	const parameters = attention + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
	const allowed = 4 * (batch * length * hiddenSize + 4 * parameters);
	const added = ((deep ?? NaN) - (shallow ?? NaN)) / STEP.layers;
	return row('memory/webgpu/layer', added / MEGABYTE, allowed / MEGABYTE, 'MB');
}

/** The full step over the step of a quarter of the layers. */
async function costRows(browser: BenchBrowser, report: Report): Promise<Row[]> {
	const k = STEP.layers / 4;
	const entry = { peer: 'lab', backend: 'wasm' } as const;
	const entries: Entry[] = [
		entry,
		{ ...entry, selection: { method: 'rear', k } },
		{ ...entry, selection: { method: 'cogsym', k } },
	];
	const results = await contest(browser, entries, ROUNDS.wasm, report);
	const [full = NaN, rear = NaN, cogsym = NaN] = results.map((r) => median(r.milliseconds));
	return [
		row('cost/wasm/rear-quarter', rear, full, 'ms'),
		row('cost/wasm/cogsym-quarter', cogsym, full, 'ms'),
	];
}

function print({ rows, adapter, cpu, load, contestants }: EngineResult): void {
	const cells = rows.map(({ name, ours, peer, unit, ratio }) => [
		name,
		`${ours.toFixed(1)} ${unit}`,
		`${peer.toFixed(1)} ${unit}`,
		`${ratio.toFixed(2)}x`,
	]);
	const table = [['row', 'ours', 'peer', 'better'], ...cells];
	const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((line) => (line[i] ?? '').length)));
	for (const line of table)
		console.log(
			line
				.map((cell, i) => cell.padEnd(widths[i] ?? 0))
				.join('  ')
				.trimEnd(),
		);
	console.log(`\n${contestants.join('\n')}`);
	console.log(
		`adapter ${adapter ?? 'none'}; cpu ${cpu}; load ${load.map((x) => x.toFixed(1)).join(' ')}`,
	);
}

/** Measures, prints a table to standard output and writes the JSON file. */
export async function run({ json, only }: EngineOptions): Promise<EngineResult> {
	const report: Report = (line) => {
		console.error(line);
	};
	const wanted = (...names: string[]) => names.some((name) => name.includes(only));
	const browser = await openBrowser();
	try {
		const rows: Row[] = [];
		const results: Result[] = [];
		for (const backend of ['wasm', 'webgpu'] as const) {
			const step = `step/${backend}/tfjs-tape`;
			if (!wanted(step, ...(backend === 'webgpu' ? ['memory/webgpu/tfjs-tape'] : []))) continue;
			const steps = await stepRows(browser, backend, report);
			rows.push(...steps.rows);
			results.push(...steps.results);
		}
		if (wanted('memory/webgpu/layer')) rows.push(await layerRow(browser, report));
		if (wanted('cost/wasm/rear-quarter')) rows.push(...(await costRows(browser, report)));
		const result: EngineResult = {
			adapter: results.find(({ facts }) => facts.adapter)?.facts.adapter ?? null,
			...(await machine(browser.version)),
			contestants: results.map(({ facts }) => facts.name),
			rows,
		};
		if (json !== null) await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
		print(result);
		return result;
	} finally {
		await browser.close();
	}
}
