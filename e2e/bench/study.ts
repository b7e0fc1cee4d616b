/**
 * `npm run bench -- study`: figures 1 and 3 of one language on the bundled demo, wasm, one run per core, in Chromium by the
 * command line: how long they take, whether they end alike when the browser is killed five times at random moments
 * (`--only kills` for both of these), and how much two runs side by side gain over one (`--only throughput`).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { killedStudy, type StudyAnswer, wholeStudy } from '../fixtures/killed.ts';
import { machine } from './machine.ts';

const BARS = { seconds: 1200, kills: 5, gain: 1.7 } as const;

const demo = ['--model', 'demo', '--language', 'javanese', '--backend', 'wasm'];

interface Row {
	readonly name: string;
	readonly value: number;
	readonly bar: string;
	readonly passed: boolean;
}

function told(row: Row): Row {
	console.log(
		`${row.passed ? 'ok  ' : 'MISS'} ${row.name.padEnd(24)} ${row.value.toFixed(2)} (${row.bar})`,
	);
	return row;
}

/** The whole study, then the same with kills spread over the time it took. */
async function kills(folder: string): Promise<Row[]> {
	const args = ['figure-1,figure-3', ...demo];
	const whole = await wholeStudy(args, join(folder, 'whole.json'));
	const seconds = whole.seconds ?? Infinity;
	const bar = `at most ${BARS.seconds} s`;
	const time = told({ name: 'seconds', value: seconds, bar, passed: seconds <= BARS.seconds });
	const moments: number[] = [];
	const killed = await killedStudy(args, join(folder, 'killed.json'), {
		profile: join(folder, 'profile'),
		kills: BARS.kills,
		// However late every kill comes, there is work left for the next one.
		within: (1000 * seconds) / (BARS.kills + 1),
		onKill: (milliseconds) => {
			moments.push(milliseconds);
			console.log(`     killed after ${(milliseconds / 1000).toFixed(1)} s`);
		},
	});
	const equal = JSON.stringify(killed.rows) === JSON.stringify(whole.rows);
	const rows = `${whole.rows.length} rows, bit for bit`;
	return [time, told({ name: 'kills survived', value: moments.length, bar: rows, passed: equal })];
}

/** Four runs of equal length, one after the other and two at a time. */
async function throughput(folder: string, rounds: number): Promise<Row[]> {
	const args = (workers: number) => [
		...['figure-1', ...demo, '--points', 'cogsym-4', '--seeds', '4', '--steps', '40'],
		...['--workers', String(workers)],
	];
	const take = async (workers: number): Promise<number> => {
		const answer: StudyAnswer = await wholeStudy(args(workers), join(folder, 'throughput.json'));
		return answer.seconds ?? NaN;
	};
	const gains: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const one = await take(1);
		const two = await take(2);
		console.log(`     one at a time ${one.toFixed(1)} s, two ${two.toFixed(1)} s`);
		gains.push(one / two);
	}
	const value = gains.sort((a, b) => a - b)[Math.floor(gains.length / 2)] ?? NaN;
	const bar = `at least ${BARS.gain} times`;
	return [told({ name: 'gain of two workers', value, bar, passed: value >= BARS.gain })];
}

export async function run(options: {
	json: string | null;
	only: string;
	rounds: number | null;
}): Promise<void> {
	const loadBefore = loadavg();
	const folder = await mkdtemp(join(tmpdir(), 'lab-bench-'));
	const rows: Row[] = [];
	try {
		if ('throughput'.includes(options.only))
			rows.push(...(await throughput(folder, options.rounds ?? 1)));
		if ('kills'.includes(options.only)) rows.push(...(await kills(folder)));
	} finally {
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
	if (options.json !== null)
		await writeFile(
			options.json,
			`${JSON.stringify({ ...(await machine('as installed')), loadBefore, rows }, null, '\t')}\n`,
		);
	if (rows.some(({ passed }) => !passed)) throw new Error('the study misses a bar');
}
