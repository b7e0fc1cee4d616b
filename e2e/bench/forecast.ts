/**
 * `npm run bench -- forecast`: twelve runs of a real checkpoint as the lab forecasts them and as they are measured in
 * Chromium: bytes of all tensors at the peak on both backends, and on wasm seconds of an update after a calibration of
 * three. On WebGPU frozen and trained weights are in fewer bits where the run says so; an emulated adapter's times say nothing.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { adapterTargets, type Lora, type RunSpec } from '../../src/contract/spec.ts';
import { adamW8bit } from '../../src/engine/optim/adamW8bit.ts';
import { openBrowser, runInPage } from './drive.ts';
import { machine } from './machine.ts';
import { median } from './median.ts';
import type { MeasuredRun, RunsJob } from './page/api.ts';
import { baseSpec, MODEL, modelFiles } from './runs.ts';

const ALLOWED = { bytes: 0.1, seconds: 0.25 } as const;

const { optimizer, data } = baseSpec;
const eightBit: Partial<RunSpec> = { optimizer: { ...optimizer, kind: adamW8bit.kind } };
const inBackward: Partial<RunSpec> = { optimizer: { ...optimizer, clipNorm: null } };
const recomputed: Partial<RunSpec> = { recompute: 'always' };
const lora = (rank: number, dropout: number): Partial<RunSpec> => ({
	tune: { kind: 'lora', rank, alpha: rank, dropout, targets: [...adapterTargets] } satisfies Lora,
});
const front: Partial<RunSpec> = { selection: { method: 'front', k: 2 } };
const cogsym = (k: number): Partial<RunSpec> => ({ selection: { method: 'cogsym', k } });
const batch = (size: number, accumulation: number, sequenceLength = 128): Partial<RunSpec> => ({
	batch: { size, accumulation },
	data: { ...data, sequenceLength },
});

interface Case {
	readonly name: string;
	readonly change: Partial<RunSpec>;
	/** Of WebGPU; wasm has float32 only. */
	readonly precision?: RunSpec['precision'];
}

const CASES: readonly Case[] = [
	{ name: 'full', change: {} },
	{ name: 'full, recomputed', change: recomputed },
	{ name: 'full, 8-bit', change: eightBit, precision: { trainable: 'bf16-stochastic' } },
	{ name: 'full, in backward', change: inBackward },
	{ name: 'full, 2 x 256', change: batch(2, 1, 256) },
	{ name: 'front 2', change: front, precision: { frozen: 'bf16' } },
	{ name: 'front 2, 4 x 4 x 64', change: { ...front, ...batch(4, 4, 64) } },
	{ name: 'rear 1, recomputed', change: { selection: { method: 'rear', k: 1 }, ...recomputed } },
	{ name: 'CogSym 2', change: cogsym(2), precision: { frozen: 'nf4' } },
	{
		name: 'CogSym 4, 8-bit, in backward, 16 x 64',
		change: {
			...cogsym(4),
			...batch(16, 1, 64),
			optimizer: { ...optimizer, kind: adamW8bit.kind, clipNorm: null },
		},
		precision: { frozen: 'int8', trainable: 'bf16' },
	},
	{
		name: 'LoRA 8, CogSym 4',
		change: { ...cogsym(4), ...lora(8, 0) },
		precision: { frozen: 'nf4' },
	},
	{
		name: 'LoRA 4, dropout, recomputed',
		change: { ...cogsym(2), ...lora(4, 0.1), ...recomputed, ...eightBit },
		precision: { frozen: 'int8' },
	},
];

/** Made-up tokens: what an update costs does not depend on them. */
function sequences({ data: { sequenceLength }, batch: { size, accumulation } }: RunSpec) {
	const count = size * accumulation;
	const inputIds = Array.from({ length: count * sequenceLength }, (_, i) => 3 + ((i * 7919) % 500));
	return { count, sequenceLength, inputIds, targets: [...inputIds.slice(1), 3] };
}

/** On an emulated adapter a quarter of the tokens. */
function specOf({ change, precision }: Case, backend: RunsJob['backend']): RunSpec {
	const spec = { ...baseSpec, ...change };
	if (backend === 'wasm') return spec;
	const small = { ...spec, batch: { ...spec.batch, size: Math.max(1, spec.batch.size / 4) } };
	return precision === undefined ? small : { ...small, precision };
}

function rowOf(backend: string, run: MeasuredRun) {
	const bytes = run.expected.bytes.total;
	const bytesOff = run.peakBytes / bytes - 1;
	const measured = median(run.seconds);
	const { seconds } = run.expected;
	const secondsOff = seconds === null ? null : measured / seconds - 1;
	return {
		name: `forecast/${backend}/${run.name}`,
		bytes: { forecast: run.expected.bytes, measured: run.peakBytes, off: bytesOff },
		seconds: seconds === null ? null : { forecast: seconds, measured, off: secondsOff },
		passed:
			Math.abs(bytesOff) <= ALLOWED.bytes &&
			(secondsOff === null || Math.abs(secondsOff) <= ALLOWED.seconds),
	};
}
type Row = ReturnType<typeof rowOf>;

const signed = (part: number) => `${part < 0 ? '' : '+'}${(100 * part).toFixed(1)} %`;

function print({ name, bytes, seconds, passed }: Row): void {
	const time =
		seconds === null
			? ''
			: `, ${(1000 * seconds.forecast).toFixed(0)} ms, measured ${(1000 * seconds.measured).toFixed(0)} (${signed(seconds.off ?? 0)})`;
	console.log(
		`${passed ? 'ok  ' : 'MISS'} ${name.padEnd(54)} ${(bytes.forecast.total / 1e6).toFixed(2)} MB, ` +
			`measured ${(bytes.measured / 1e6).toFixed(2)} (${signed(bytes.off)})${time}`,
	);
}

export async function run(options: { json: string | null; only: string }): Promise<void> {
	if (!existsSync(MODEL))
		throw new Error(`${MODEL} is not there; this bench needs the reference data`);
	const files = await modelFiles();
	const browser = await openBrowser();
	const rows: Row[] = [];
	try {
		for (const backend of ['wasm', 'webgpu'] as const) {
			if (!backend.includes(options.only)) continue;
			const updates =
				backend === 'wasm' ? { calibration: 3, measured: 9 } : { calibration: 0, measured: 1 };
			const page = await browser.newPage();
			for (const one of CASES) {
				const spec = specOf(one, backend);
				const runs = [{ name: one.name, spec, sequences: sequences(spec) }];
				const measured = await runInPage(page, 'runs', { backend, files, runs, updates });
				rows.push(...measured.map((result) => rowOf(backend, result)));
				rows.slice(-1).forEach(print);
			}
			await page.close();
		}
		if (options.json !== null) {
			const where = await machine(browser.version);
			const result = { ...where, allowed: ALLOWED, rows };
			await writeFile(options.json, `${JSON.stringify(result, null, '\t')}\n`);
		}
	} finally {
		await browser.close();
	}
	if (rows.some(({ passed }) => !passed)) throw new Error('some forecasts did not come true');
}
