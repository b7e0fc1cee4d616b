/** Over a small grid of runs the forecast is what they are measured to take; a calibration leaves no trace. */
import { afterAll, expect, test } from 'vitest';
import type { Lora, RunSpec } from '../contract/spec.ts';
import { type BackendName, onEveryBackend } from '../engine/kernels/backends.ts';
import { tinyBlock } from '../engine/testing.ts';
import { runSpec } from '../storage/testing.ts';
import { calibrate } from './calibrate.ts';
import type { LoadedModel } from './model.ts';
import { planModel, planSpec } from './plan.ts';
import { loadTinyModel, tinyJob } from './testRun.ts';

const { optimizer } = runSpec();
const eightBit = { optimizer: { ...optimizer, kind: 'adamw-8bit' } } as const;
const inBackward = { optimizer: { ...optimizer, clipNorm: null } };
const cogsym = { selection: { method: 'cogsym', k: 2 } } as const;
const lora: Lora = {
	kind: 'lora',
	rank: 4,
	alpha: 8,
	dropout: 0.1,
	targets: ['q_proj', 'o_proj', 'up_proj', 'down_proj'],
};
const full = { selection: { method: 'full' } } as const;

const grid: Readonly<Record<string, Partial<RunSpec>>> = {
	full,
	'full, recomputed': { ...full, recompute: 'always' },
	'full, 8-bit': { ...full, ...eightBit },
	'full, in backward': { ...full, ...inBackward },
	'front, accumulated': {
		selection: { method: 'front', k: 2 },
		batch: { size: 2, accumulation: 2 },
	},
	'rear, large batch': { selection: { method: 'rear', k: 1 }, batch: { size: 6, accumulation: 1 } },
	'CogSym, recomputed': { ...cogsym, recompute: 'always' },
	'LoRA with dropout': { ...cogsym, tune: lora },
	'LoRA, recomputed, in backward': {
		...cogsym,
		tune: lora,
		recompute: 'always',
		...inBackward,
	},
	'two stages': {
		selection: { method: 'front', k: 2 },
		stages: [{ method: 'rear', k: 2 }],
		batch: { size: 3, accumulation: 1 },
	},
};
const inFewerBits: typeof grid = {
	'CogSym on bf16': { ...cogsym, precision: { frozen: 'bf16', trainable: 'bf16' } },
	'LoRA on nf4': { ...cogsym, tune: lora, precision: { frozen: 'nf4' } },
};

onEveryBackend('a calibration', (ops, backend) => {
	let opened: LoadedModel | null = null;
	const tiny = async () => (opened ??= await loadTinyModel(ops()));
	afterAll(() => opened?.release());

	const device = { backend, memory: null };
	const jobOf = async (model: LoadedModel, change: Partial<RunSpec>, length = 24) => {
		const { data } = (await tinyJob(model, {})).spec;
		const job = await tinyJob(model, { ...change, data: { ...data, sequenceLength: length } });
		return { spec: job.spec, train: tinyBlock(9, length) };
	};

	const cases: Readonly<Record<BackendName, [string, Partial<RunSpec>][]>> = {
		reference: Object.entries({ ...grid, ...inFewerBits }),
		wasm: Object.entries(grid),
		// An emulated adapter takes minutes for all of it.
		webgpu: Object.entries({ full, ...inFewerBits }),
	};
	test.each(cases[backend])('measures the bytes that were forecast: %s', async (_, change) => {
		const model = await tiny();
		const job = await jobOf(model, change);
		const { forecast } = planSpec(device, planModel(model), job.spec);
		const { peakBytes } = await calibrate(ops(), model, device, job, 1);
		expect(peakBytes / forecast.bytes.total).toBeGreaterThan(0.9);
		expect(peakBytes / forecast.bytes.total).toBeLessThan(1.1);
	});

	test('changes no weight and keeps no tensor', async () => {
		const model = await tiny();
		const read = () =>
			Promise.all([...model.decoder.parameters.values()].map(({ tensor }) => ops().read(tensor)));
		await model.reset();
		await model.keep(() => 'f32');
		const before = await read();
		const { tensors } = ops().memory();
		const job = await jobOf(model, { ...cogsym, tune: lora });
		const { secondsPerUpdate } = await calibrate(ops(), model, device, job, 1);
		expect(secondsPerUpdate).toBeGreaterThan(0);
		expect(ops().memory().tensors).toBe(tensors);
		expect(await read()).toEqual(before);
	});
});
