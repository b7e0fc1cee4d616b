/**
 * `npm run bench -- demo`: the demo's headline study as a visitor without a GPU runs it: one new language, one seed,
 * wasm, one thread per core, in Chromium by the command line. How long until the first loss, the first live scores and
 * the end, counted from the call that the page's button makes.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machine } from './machine.ts';

/** Seconds allowed on two cores. */
const BARS = { firstLoss: 10, total: 360 } as const;

/** What of `DemoResult` (src/headless/demoCommand.ts) is read here. */
interface Result {
	readonly recipe: object;
	readonly workers: number;
	readonly userAgent: string;
	readonly seconds: {
		readonly prepared: number;
		readonly firstLoss: number | null;
		readonly firstProbe: number | null;
		readonly total: number;
	};
	readonly runs: readonly {
		readonly point: string;
		readonly status: string;
		readonly error: string | null;
		readonly seconds: { readonly training: number; readonly measuring: number };
	}[];
}

async function study(): Promise<Result> {
	const folder = await mkdtemp(join(tmpdir(), 'lab-bench-'));
	const file = join(folder, 'demo.json');
	const flags = '--study headline --languages javanese --seeds 1 --backend wasm';
	const args = ['src/headless/lab.mjs', 'demo', ...flags.split(' '), '--json', file];
	try {
		await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
		return JSON.parse(await readFile(file, 'utf8')) as Result;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

export async function run(options: { json: string | null }): Promise<void> {
	const loadBefore = loadavg();
	const { recipe, workers, userAgent, seconds, runs } = await study();
	const rows = Object.entries(seconds).map(([name, value]) => {
		const bar = name in BARS ? BARS[name as keyof typeof BARS] : null;
		return { name, seconds: value, bar, passed: bar === null || (value ?? Infinity) <= bar };
	});
	const points = runs.map(({ point, status, error, seconds: own }) => ({
		point,
		status,
		error,
		...own,
	}));
	for (const { name, seconds: taken, bar, passed } of rows)
		console.log(
			`${passed ? 'ok  ' : 'MISS'} ${name.padEnd(12)} ${taken?.toFixed(1) ?? 'never'} s${bar === null ? '' : ` (allowed ${bar})`}`,
		);
	for (const { point, status, training, measuring } of points)
		console.log(
			`     ${point.padEnd(12)} ${status}, training ${training.toFixed(1)} s, measuring ${measuring.toFixed(1)} s`,
		);
	const about = await machine(/Chrome\/([\d.]+)/.exec(userAgent)?.[1] ?? 'unknown');
	console.log(`load average ${about.load.map((value) => value.toFixed(1)).join(' ')}`);
	if (options.json !== null)
		await writeFile(
			options.json,
			`${JSON.stringify({ ...about, loadBefore, workers, recipe, rows, points }, null, '\t')}\n`,
		);
	if (points.some(({ status }) => status !== 'finished')) throw new Error('some points failed');
	if (rows.some(({ passed }) => !passed)) throw new Error('the demo takes longer than allowed');
}
