/**
 * `npm run bench -- selfCheck`: seconds that the self-check of an adapter takes, compiling included: at the first start, and
 * when a use is met for the first time. WebGPU in plain Node, on Chromium's SwiftShader where there is no other adapter.
 */
import { writeFile } from 'node:fs/promises';
import { uses } from '../../src/engine/selfCheck/onUse.ts';
import { machine } from './machine.ts';
import { median } from './median.ts';

export interface SelfCheckOptions {
	/** Where the result is written; null: nowhere. */
	readonly json: string | null;
	/** Devices that are opened; default 5. */
	readonly rounds: number | null;
}

/** @throws where a kernel is wrong */
export async function run({ json, rounds }: SelfCheckOptions): Promise<void> {
	// Before anything that imports tfjs, which looks for navigator.gpu once.
	await import('../../src/engine/kernels/dawn.setup.ts');
	const { createWebGpuOps } = await import('../../src/engine/webgpu/ops.ts');
	const { selfCheck } = await import('../../src/engine/selfCheck/selfCheck.ts');
	const times = new Map<string, number[]>();
	const timed = async (name: string, work: () => Promise<unknown>) => {
		const begun = performance.now();
		await work();
		times.set(name, [...(times.get(name) ?? []), (performance.now() - begun) / 1000]);
	};
	let adapter = '';
	for (let round = 0; round < (rounds ?? 5); round++) {
		const ops = await createWebGpuOps();
		adapter = ops.info.adapter;
		await ops.settle();
		const check = async (use?: (typeof uses)[number]) => {
			const faults = await selfCheck(ops, use);
			if (faults.length > 0) throw new Error(`${faults[0]?.kernel} gives ${faults[0]?.found}`);
		};
		await timed('first start', check);
		await timed('first start, all compiled', check);
		for (const use of uses) await timed(use, () => check(use));
		ops.dispose();
	}
	const rows = [...times].map(([name, seconds]) => ({ name, median: median(seconds), seconds }));
	for (const row of rows) console.log(`${row.name.padEnd(28)} ${row.median.toFixed(2)} s`);
	const result = { adapter, machine: await machine(null), rows };
	if (json !== null) await writeFile(json, `${JSON.stringify(result, null, '\t')}\n`);
}
