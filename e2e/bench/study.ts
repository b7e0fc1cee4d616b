/**
 * `npm run bench -- study`: figures 1 and 3 of one language on the bundled demo, wasm, one run per core, in Chromium by the
 * command line. `--only storage`: what the browser keeps of a study, with few updates; `--only throughput`: how much two
 * runs side by side gain over one; `--only kills`: how long the whole takes, and whether it ends alike when its browser is
 * killed five times at random moments. `--json` is written after each of them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { killedStudy, type StudyAnswer, wholeStudy } from '../fixtures/killed.ts';
import { storedBytes } from '../fixtures/storedBytes.ts';
import { machine } from './machine.ts';

const BARS = { seconds: 1200, kills: 5, gain: 1.7 } as const;

const demo = ['--model', 'demo', '--language', 'javanese', '--backend', 'wasm'];
const figures = ['figure-1,figure-3', ...demo];

interface Row {
	readonly name: string;
	readonly value: number;
	readonly bar: string;
	readonly passed: boolean;
}

/** What one part measured, and the table of the study where it ran whole. */
interface Measured {
	readonly rows: readonly Row[];
	readonly study: Pick<StudyAnswer, 'rows' | 'runs'> | null;
}

function told(row: Row): Row {
	console.log(
		`${row.passed ? 'ok  ' : 'MISS'} ${row.name.padEnd(24)} ${row.value.toFixed(2)} (${row.bar})`,
	);
	return row;
}

/** Bytes that the runs of a profile take, as a share of the tensors they trained. */
async function stored(name: string, profile: string): Promise<Row> {
	const { runs, trainable, checkpoints } = await storedBytes(profile);
	const bar = `at most 1: ${runs} bytes, ${trainable} of what ${checkpoints} kept runs train`;
	return told({ name, value: runs / trainable, bar, passed: runs > 0 && runs <= trainable });
}

async function storage(folder: string): Promise<Measured> {
	const profile = join(folder, 'small');
	const few = ['--steps', '4', '--checkpoint-every', '2', '--items', '0:4'];
	await wholeStudy([...figures, ...few, '--profile', profile], join(folder, 'small.json'));
	return { rows: [await stored('storage', profile)], study: null };
}

/** Four runs of equal length, one after the other and two at a time. */
async function throughput(folder: string, rounds: number): Promise<Measured> {
	const args = (workers: number) => [
		...['figure-1', ...demo, '--points', 'cogsym-4', '--seeds', '4', '--steps', '40'],
		...['--workers', String(workers)],
	];
	const take = async (workers: number): Promise<number> => {
		const answer = await wholeStudy(args(workers), join(folder, 'throughput.json'));
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
	const passed = value >= BARS.gain;
	return { rows: [told({ name: 'gain of two workers', value, bar, passed })], study: null };
}

/** The whole study, then the same with kills spread over the time it took. */
async function kills(folder: string): Promise<Measured> {
	const whole = await wholeStudy(figures, join(folder, 'whole.json'));
	const seconds = whole.seconds ?? Infinity;
	const bar = `at most ${BARS.seconds} s`;
	const time = told({ name: 'seconds', value: seconds, bar, passed: seconds <= BARS.seconds });
	const moments: number[] = [];
	const profile = join(folder, 'killed');
	const killed = await killedStudy(figures, join(folder, 'killed.json'), {
		profile,
		kills: BARS.kills,
		// However late every kill comes, there is work left for the next one.
		within: (1000 * seconds) / (BARS.kills + 1),
		onKill: (milliseconds) => {
			moments.push(milliseconds);
			console.log(`     killed after ${(milliseconds / 1000).toFixed(1)} s`);
		},
	});
	const passed = JSON.stringify(killed.rows) === JSON.stringify(whole.rows);
	const rows = `${whole.rows.length} rows, bit for bit`;
	const survived = told({ name: 'kills survived', value: moments.length, bar: rows, passed });
	const kept = await stored('storage after the kills', profile);
	return { rows: [time, survived, kept], study: { rows: whole.rows, runs: whole.runs } };
}

export async function run(options: {
	json: string | null;
	only: string;
	rounds: number | null;
}): Promise<void> {
	const loadBefore = loadavg();
	const folder = await mkdtemp(join(tmpdir(), 'lab-bench-'));
	const parts = {
		storage: () => storage(folder),
		throughput: () => throughput(folder, options.rounds ?? 1),
		kills: () => kills(folder),
	};
	const rows: Row[] = [];
	let study: Measured['study'] = null;
	try {
		for (const [name, measure] of Object.entries(parts)) {
			if (!name.includes(options.only)) continue;
			const measured = await measure();
			rows.push(...measured.rows);
			study = measured.study ?? study;
			if (options.json === null) continue;
			const about = { ...(await machine('as installed')), loadBefore };
			await writeFile(
				options.json,
				`${JSON.stringify({ ...about, bars: rows, study }, null, '\t')}\n`,
			);
		}
	} finally {
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
	if (rows.some(({ passed }) => !passed)) throw new Error('the study misses a bar');
}
