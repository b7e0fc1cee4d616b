/**
 * `npm run bench -- engine`: the engine's training step against the same step in plain tfjs and in jax-js, its
 * memory against the tape's, and what training fewer layers saves. One Chromium, steps taken in turn, medians.
 */
import { writeFile } from 'node:fs/promises';
import { contest, requireSameLosses, type Result, type Rounds } from './contest.ts';
import { openBrowser, type BenchBrowser } from './drive.ts';
import { machine, type Machine } from './machine.ts';
import { median } from './median.ts';
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
	/** Timed steps of each contestant; null: 9 on wasm, 5 on webgpu. */
	readonly rounds: number | null;
}

type Report = (line: string) => void;

const ROUNDS: Record<PeerBackend, Rounds> = {
	wasm: { warmUp: 3, timed: 9 },
	webgpu: { warmUp: 1, timed: 5 },
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

/** What every measurement needs. */
interface Session {
	readonly browser: BenchBrowser;
	readonly report: Report;
	readonly wanted: (name: string) => boolean;
	readonly rounds: (backend: PeerBackend) => Rounds;
	/** Everyone who ran. */
	readonly ran: Result[];
}

async function measure(session: Session, entries: readonly Entry[], rounds: Rounds) {
	const results = await contest(session.browser, entries, rounds, session.report);
	session.ran.push(...results);
	return results;
}

async function stepRows(session: Session, backend: PeerBackend): Promise<Row[]> {
	const { wanted, rounds } = session;
	const measuresMemory = backend === 'webgpu' && wanted('memory/webgpu/tfjs-tape');
	const peers = (['tfjs-tape', 'jax-js'] as const).filter(
		(peer) => wanted(`step/${backend}/${peer}`) || (peer === 'tfjs-tape' && measuresMemory),
	);
	if (peers.length === 0) return [];
	const entries = (['lab', ...peers] as const).map((peer) => ({ peer, backend }));
	const results = await measure(session, entries, rounds(backend));
	const [ours, ...others] = results;
	if (!ours) throw new Error('the lab is missing');
	requireSameLosses(results);
	const rows = others.map((other, i) =>
		row(
			`step/${backend}/${peers[i] ?? ''}`,
			median(ours.milliseconds),
			median(other.milliseconds),
			'ms',
		),
	);
	const tape = others[peers.indexOf('tfjs-tape')];
	if (measuresMemory && tape) rows.push(...memoryRows(ours, tape));
	return rows;
}

/**
 * What one more layer adds to the peak, against what it may: its block input, and its weights with their gradients
 * and two moments. The blocks run again in backward; with kept activations a layer costs those as well.
 */
async function layerRow(session: Session): Promise<Row> {
	const entry = { peer: 'lab', backend: 'webgpu', recompute: true } as const;
	const entries = [STEP.layers, 2 * STEP.layers].map((layers) => ({ ...entry, layers }));
	const results = await measure(session, entries, { warmUp: 1, timed: 1 });
	const [shallow, deep] = results.map(({ peakBytes }) => peakBytes?.total ?? NaN);
	const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim, batch, length } = STEP;
	const attention = (2 * heads + 2 * keyValueHeads) * headDim * hiddenSize;
	const parameters = attention + 3 * hiddenSize * intermediateSize + 2 * hiddenSize;
	const allowed = 4 * (batch * length * hiddenSize + 4 * parameters);
	const added = ((deep ?? NaN) - (shallow ?? NaN)) / STEP.layers;
	return row('memory/webgpu/layer', added / MEGABYTE, allowed / MEGABYTE, 'MB');
}

/** The full step over the step of a quarter of the layers. */
async function costRows(session: Session): Promise<Row[]> {
	const k = STEP.layers / 4;
	const entry = { peer: 'lab', backend: 'wasm' } as const;
	const entries: Entry[] = [
		entry,
		{ ...entry, selection: { method: 'rear', k } },
		{ ...entry, selection: { method: 'cogsym', k } },
	];
	const results = await measure(session, entries, session.rounds('wasm'));
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
export async function run({ json, only, rounds }: EngineOptions): Promise<EngineResult> {
	const browser = await openBrowser();
	const session: Session = {
		browser,
		report: (line) => {
			console.error(line);
		},
		wanted: (name) => name.includes(only),
		ran: [],
		rounds: (backend) => ({ ...ROUNDS[backend], ...(rounds === null ? {} : { timed: rounds }) }),
	};
	try {
		const rows = await stepRows(session, 'wasm');
		rows.push(...(await stepRows(session, 'webgpu')));
		if (session.wanted('memory/webgpu/layer')) rows.push(await layerRow(session));
		if (['rear', 'cogsym'].some((name) => session.wanted(`cost/wasm/${name}-quarter`)))
			rows.push(...(await costRows(session)));
		const facts = session.ran.map((result) => result.facts);
		const result: EngineResult = {
			adapter: facts.find((fact) => fact.adapter !== null)?.adapter ?? null,
			...(await machine(browser.version)),
			contestants: [...new Set(facts.map(({ name }) => name))],
			rows,
		};
		if (json !== null) await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
		print(result);
		return result;
	} finally {
		await browser.close();
	}
}
