/**
 * `npm run bench -- kernels`: the engine's kernels against the reference and stock tfjs on this machine's adapter, in plain Node,
 * by the same bundle and the same `run.sh` as the pack for other machines.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fillBenchFolder, linkBinaries } from '../../src/headless/benchFolder.mjs';
import { run as runProgram } from '../../src/headless/run.mjs';

export interface KernelsOptions {
	/** Where the result is written; null: nowhere. */
	readonly json: string | null;
	/** Rows whose name contains this; default: all. */
	readonly only: string;
	readonly rounds: number | null;
	/** Takes the large cases on an emulated adapter, too: half an hour. */
	readonly all: boolean;
}

/** Throws where the bench failed; it has said why. */
export async function run({ json, only, rounds, all }: KernelsOptions): Promise<void> {
	if (rounds !== null) throw new Error('The kernels bench has no --rounds: it times by duration');
	const folder = await mkdtemp(join(tmpdir(), 'bench-kernels-'));
	try {
		await fillBenchFolder(folder);
		await linkBinaries(folder);
		const output = json === null ? [] : ['--json', resolve(json)];
		const script = join(folder, 'run.sh');
		const code = await runProgram('sh', [
			script,
			'kernels',
			'--only',
			only,
			...output,
			...(all ? ['--all'] : []),
		]);
		if (code !== 0) throw new Error(`The kernels bench ended with code ${code}`);
	} finally {
		await rm(folder, { recursive: true });
	}
}
