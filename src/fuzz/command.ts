/** `npm run fuzz`: runs targets, keeps what they did wrong as small cases, writes what was measured. */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { keepCase } from './cases.ts';
import { type Find, type Fuzzer, openFuzzer, type Report } from './fuzzer.ts';
import { kindOf } from './judge.ts';
import { minimise } from './minimise.ts';
import { targetNamed, targets } from './targets.ts';

export interface Options {
	/** Names with commas between them; empty: all. */
	readonly target: string;
	/** Inputs of each target. */
	readonly count: number;
	readonly seed: number;
	/** File for the figures; null: none. */
	readonly json: string | null;
}

/** Milliseconds of work for one input. */
const limit = 2000;

/** Seconds spent on making a find smaller. */
const minimising = 15;

/** Runs, and returns how many kinds of faults there were. */
export async function run({ target, count, seed, json }: Options): Promise<number> {
	const chosen = target === '' ? targets : target.split(',').map(targetNamed);
	const fuzzer = openFuzzer(limit);
	const rows: object[] = [];
	let kinds = 0;
	try {
		for (const { name } of chosen) {
			const report = await fuzzer.run({ target: name, seed, count });
			console.log(describe(report));
			const cases = await keepFinds(fuzzer, report.finds);
			kinds += cases.length;
			const { finds, ...figures } = report;
			rows.push({ ...figures, kinds: finds.length, cases });
		}
	} finally {
		await fuzzer.close();
	}
	const cpu = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}`;
	const about = { cpu, node: process.versions.node, load: loadavg(), limit };
	if (json !== null) writeFileSync(json, `${JSON.stringify({ ...about, rows }, null, '\t')}\n`);
	return kinds;
}

function describe(report: Report): string {
	const { target, inputs, seconds, accepted, refused, faults, hangs, largestShare } = report;
	const pace = Math.round(inputs / seconds);
	return (
		`${target}: ${inputs} inputs in ${seconds.toFixed(1)} s (${pace}/s), ${accepted} accepted, ${refused} refused, ` +
		`${faults} faults, ${hangs} hangs; at most ${(100 * largestShare).toFixed(1)} % of the bytes allowed`
	);
}

/** One case for each kind of fault. */
async function keepFinds(fuzzer: Fuzzer, finds: readonly Find[]): Promise<string[]> {
	const cases = new Map<string, string>();
	for (const { target, index, said, bytes } of finds) {
		const kind = kindOf(said);
		if (cases.has(kind)) continue;
		console.log(`  input ${index}: ${said}`);
		const fails = async (smaller: Find['bytes']) => {
			const verdict = await fuzzer.judge(target, smaller);
			return verdict.outcome === 'fault' && kindOf(verdict.said) === kind;
		};
		const smallest = await minimise(bytes, fails, minimising);
		const path = keepCase(target, smallest);
		cases.set(kind, path);
		console.log(`  kept as ${path}, ${smallest.length} bytes`);
	}
	return [...cases.values()];
}
