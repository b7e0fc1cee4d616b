/** The command line against PyTorch's numbers, on both backends. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { interruptedLab, lab } from './fixtures/lab.ts';
import { answersIn } from './fixtures/profile.ts';
import { hasShared, javanesePairs, shared, storiesFile, storiesModel } from './fixtures/shared.ts';

interface Metric {
	readonly subject: string;
	readonly weights: string;
	readonly mean: number;
	readonly count: number;
}

interface Trained {
	readonly run: string;
	readonly status: string;
	readonly steps: number;
	readonly spec: { optimizer: object };
	readonly devices: { untilStep: number; environment: { backend: string } }[];
	readonly losses: number[];
	readonly results: Metric[];
	readonly receipt: { changed: number; trainable: number; frozenUnchanged: boolean };
}

const golden = (model: string): string[] => [
	'--model',
	shared(`golden/${model}`),
	'--reference',
	shared(`golden/${model}/golden.json`),
];

test.describe('with real material', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	test('generate tells the story that llama2.c tells', async () => {
		const options = ['--model', storiesModel, '--backend', 'wasm', '--json'];
		const tell = async (...more: string[]) => {
			const answer = await lab('generate', ...options, ...more);
			return (JSON.parse(answer.stdout) as { text: string }).text;
		};
		const story = storiesFile('expected_stdout_200steps_T0.txt').toString('utf8').trim();
		const told = (await tell('--maximum-tokens', '200')).trim();
		expect(told.length).toBeGreaterThan(300);
		expect(told.startsWith(story) || story.startsWith(told)).toBe(true);

		const hot = ['--prompt', 'Once upon a time', '--temperature', '1', '--maximum-tokens', '20'];
		const first = await tell(...hot, '--seed', '1');
		expect(await tell(...hot, '--seed', '1')).toBe(first);
		expect(await tell(...hot, '--seed', '2')).not.toBe(first);
	});

	for (const backend of ['wasm', 'webgpu'])
		for (const model of ['llama2', 'qwen3'])
			test(`verify finds ${model} equal to PyTorch on ${backend}`, async () => {
				const answer = await lab('verify', ...golden(model), '--backend', backend, '--json');
				expect(answer.stderr + answer.stdout).toContain(backend);
				const report = JSON.parse(answer.stdout) as {
					device: { backend: string };
					rows: { quantity: string; passed: boolean }[];
				};
				expect(report.device.backend).toBe(backend);
				expect(report.rows.filter(({ passed }) => !passed)).toEqual([]);
				expect(report.rows.length).toBeGreaterThan(10);
				expect(answer.code).toBe(0);
			});

	test('verify takes an adapter of PEFT, and refuses it on another base', async () => {
		const adapter = [
			...['--adapter', shared('golden/lora/adapter'), '--backend', 'wasm', '--json'],
			...['--reference', shared('golden/lora/golden.json')],
		];
		const answer = await lab('verify', '--model', shared('golden/llama2'), ...adapter);
		expect(answer.code, answer.stderr).toBe(0);
		const { rows } = JSON.parse(answer.stdout) as { rows: { passed: boolean }[] };
		expect(rows.map(({ passed }) => passed)).toEqual([true, true, true, true, true]);
		const other = await lab('verify', '--model', shared('golden/qwen2'), ...adapter);
		expect(other.code).toBe(1);
		expect(other.stderr).toMatch(/tensors do not fit the loaded model.*base model/);
	});

	test('verify fails where a number is wrong, and says which', async () => {
		const info = test.info();
		const path = info.outputPath('wrong.json');
		const reference = JSON.parse(readFileSync(shared('golden/qwen2/golden.json'), 'utf8')) as {
			loss: number;
		};
		writeFileSync(path, JSON.stringify({ ...reference, loss: reference.loss * 1.01 }));
		const answer = await lab(
			'verify',
			'--model',
			shared('golden/qwen2'),
			'--reference',
			path,
			'--backend',
			'wasm',
		);
		expect(answer.code).toBe(1);
		expect(answer.stdout).toMatch(/loss .*FAIL/);
		expect(answer.stderr).toMatch(/past tolerance/);
	});

	test('evaluate equals the reference losses per token', async () => {
		const languages = ['javanese', 'english'];
		const answer = await lab(
			'evaluate',
			...['--model', storiesModel, '--texts', shared('data/nusax/mt/test.csv')],
			...['--columns', languages.join(), '--rows', '0:60', '--backend', 'wasm', '--json'],
		);
		expect(answer.code, answer.stderr).toBe(0);
		const { results } = JSON.parse(answer.stdout) as { results: Metric[] };
		const reference = JSON.parse(storiesFile('nusax_nll.json').toString()) as {
			languages: Record<string, { nll_per_token: number; tokens: number }>;
		};
		expect(results.map(({ subject }) => subject)).toEqual(languages);
		for (const { subject, mean, count } of results) {
			const expected = reference.languages[subject]!;
			expect(count).toBe(expected.tokens);
			expect(Math.abs(mean - expected.nll_per_token)).toBeLessThan(1e-4);
		}
	});

	test('train adapts the chosen layers, keeps the run, exports what changed', async () => {
		const info = test.info();
		const profile = info.outputPath('profile');
		const exported = info.outputPath('changed.safetensors');
		const answer = await lab(
			'train',
			...['--model', storiesModel, '--data', javanesePairs, '--select', 'cogsym', '--k', '2'],
			...['--steps', '6', '--batch', '2', '--accumulation', '1', '--length', '64'],
			...['--packing', 'stream', '--rows', '0:40', '--held-out', '20:8', '--learning-rate', '1e-3'],
			...['--profile', profile, '--export', exported, '--backend', 'wasm', '--json'],
		);
		expect(answer.code, answer.stderr).toBe(0);
		const trained = JSON.parse(answer.stdout) as Trained;
		expect(trained.losses).toHaveLength(6);
		const [base, adapted] = trained.results;
		expect(base?.weights).toBe('base');
		expect(adapted!.mean).toBeLessThan(base!.mean);
		// Two layers of nine tensors each, the embedding and the head.
		expect(trained.receipt).toMatchObject({ trainable: 20, changed: 20, frozenUnchanged: true });
		const file = readFileSync(exported);
		const header = JSON.parse(
			file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0))),
		) as object;
		expect(Object.keys(header)).toContain('model.layers.4.mlp.down_proj.weight');
		expect(Object.keys(header)).not.toContain('model.layers.2.mlp.down_proj.weight');

		const again = await lab(
			...['train', '--profile', profile, '--resume', trained.run],
			...['--backend', 'wasm', '--json'],
		);
		expect(again.code, again.stderr).toBe(0);
		expect((JSON.parse(again.stdout) as Trained).losses).toEqual(trained.losses);

		const table = info.outputPath('uji.csv');
		const columns = 'soal,satu,dua,kunci';
		writeFileSync(table, `${columns}\nGeni iku?,adhem,panas,B\nBanyu iku?,teles,garing,A\n`);
		const measured = await lab(
			...['evaluate', '--profile', profile, '--run', trained.run, '--backend', 'wasm', '--json'],
			...['--tasks', 'exam', '--test', table, '--columns', columns, '--shots', '1', '--runs', '1'],
		);
		expect(measured.code, measured.stderr).toBe(0);
		const { results } = JSON.parse(measured.stdout) as { results: Metric[] };
		expect(results.map(({ weights, count }) => [weights, count])).toEqual([
			['base', 2],
			['adapted', 2],
		]);
		expect(await answersIn(profile)).toEqual([
			[trained.run, 'exam', 'uji.csv', 'adapted'],
			[trained.run, 'exam', 'uji.csv', 'base'],
		]);
	});

	/** A run of the real checkpoint that lasts a while. */
	const longRun = (profile: string): string[] => [
		...['train', '--model', storiesModel, '--data', javanesePairs, '--select', 'rear', '--k', '1'],
		...[
			'--steps',
			'60',
			'--batch',
			'2',
			'--accumulation',
			'4',
			'--length',
			'64',
			'--beta2',
			'0.99',
		],
		...[
			'--packing',
			'stream',
			'--rows',
			'0:200',
			'--held-out',
			'20:8',
			'--checkpoint-every',
			'1000',
		],
		...['--clip', '0', '--profile', profile, '--backend', 'wasm', '--json'],
	];

	test('Ctrl-C writes a checkpoint, from which the run goes on, even on another device', async () => {
		const profile = test.info().outputPath('profile');
		const first = await interruptedLab(/\d+ of 60 updates/, ...longRun(profile));
		expect(first.code, first.stderr).toBe(130);
		expect(first.stderr).toContain('Stopping after this update');
		const stopped = JSON.parse(first.stdout) as Trained;
		expect(stopped.status).toBe('stopped');
		expect(stopped.spec.optimizer).toMatchObject({ beta1: 0.9, beta2: 0.99, clipNorm: null });
		expect(stopped.steps).toBeGreaterThan(0);
		expect(stopped.steps).toBeLessThan(60);
		expect(stopped.losses).toHaveLength(stopped.steps);
		expect(stopped.results).toEqual([]);
		expect(stopped.devices).toMatchObject([
			{ untilStep: stopped.steps, environment: { backend: 'wasm' } },
		]);

		const second = await lab(
			...['train', '--profile', profile, '--resume', stopped.run],
			...['--backend', 'webgpu', '--json'],
		);
		expect(second.code, second.stderr).toBe(0);
		expect(second.stderr).toMatch(new RegExp(`first ${stopped.steps} updates .* wasm .* webgpu`));
		const whole = JSON.parse(second.stdout) as Trained;
		expect(whole).toMatchObject({ run: stopped.run, status: 'finished', steps: 60 });
		expect(whole.losses).toHaveLength(60);
		expect(whole.losses.slice(0, stopped.steps)).toEqual(stopped.losses);
		expect(whole.losses.every(Number.isFinite)).toBe(true);
		expect(
			whole.devices.map(({ untilStep, environment }) => [untilStep, environment.backend]),
		).toEqual([
			[stopped.steps, 'wasm'],
			[60, 'webgpu'],
		]);
	});

	test('Ctrl-C before the first update ends the command, too', async () => {
		const profile = test.info().outputPath('profile');
		const answer = await interruptedLab(/^Run \w+, 60 updates/m, ...longRun(profile));
		expect(answer.code, answer.stderr).not.toBe(0);
		expect(answer.stderr).toContain('Stopping after this update');
		expect(answer.stdout === '' || (JSON.parse(answer.stdout) as Trained).steps < 60).toBe(true);
	});
});

interface Phase {
	updates: number;
	heldOut: { weights: string; loss: number }[];
}

test('pretrain-demo makes a model folder from random weights', async () => {
	const out = test.info().outputPath('demo');
	const answer = await lab(
		...['pretrain-demo', '--steps', '12', '--out', out, '--backend', 'wasm', '--json'],
	);
	expect(answer.code, answer.stderr).toBe(0);
	const log = JSON.parse(answer.stdout) as { phases: Phase[] };
	expect(log.phases.map(({ updates }) => updates)).toEqual([5, 7]);
	const [first, second] = log.phases.map(({ heldOut }) => heldOut);
	// Random weights know nothing: every one of 2,752 tokens is as likely as the other.
	expect(first![0]!.loss).toBeCloseTo(Math.log(2752), 0);
	expect(first![1]!.loss).toBeLessThan(first![0]!.loss - 0.3);
	// The second phase begins with what the first one made.
	expect(second![0]!.loss).toBeLessThan(first![0]!.loss - 0.3);
	expect(JSON.parse(readFileSync(`${out}/training-log.json`, 'utf8'))).toMatchObject({
		phases: log.phases,
	});

	const texts = test.info().outputPath('texts.json');
	writeFileSync(texts, JSON.stringify([{ english: 'the dog eats' }, { english: 'the cat' }]));
	const evaluated = await lab(
		...['evaluate', '--model', out, '--texts', texts, '--columns', 'english'],
		...['--backend', 'wasm', '--json'],
	);
	expect(evaluated.code, evaluated.stderr).toBe(0);
	const [metric] = (JSON.parse(evaluated.stdout) as { results: Metric[] }).results;
	expect(metric!.mean).toBeGreaterThan(0);
	expect(metric!.mean).toBeLessThan(Math.log(2752) + 0.5);
});

test('mistakes are told on standard error with a failing exit code', async () => {
	const cases: [string[], RegExp][] = [
		[['train', '--model', 'nowhere', '--data', javanesePairs], /nowhere: no such folder/],
		[['verify', '--model', storiesModel], /--reference/],
		[['evaluate', '--model', storiesModel], /what to measure/],
		[['train', '--beta2', 'much'], /beta2.*not a number/],
	];
	for (const [args, message] of cases) {
		const answer = await lab(...args);
		expect(answer.code).not.toBe(0);
		expect(answer.stdout).toBe('');
		expect(answer.stderr).toMatch(message);
	}
});

test('evaluate names a row as the file counts it', async () => {
	const model = test.info().outputPath('model');
	mkdirSync(model);
	writeFileSync(join(model, 'config.json'), '{}');
	const texts = test.info().outputPath('texts.json');
	const rows = ['one', 'two', 'three', 'four'].map((english) => ({ english }));
	writeFileSync(texts, JSON.stringify([...rows, { javanese: 'lima' }]));
	const answer = await lab(
		...['evaluate', '--model', model, '--texts', texts, '--columns', 'english'],
		...['--rows', '2:5', '--backend', 'wasm', '--json'],
	);
	expect(answer.code).toBe(1);
	expect(answer.stderr).toContain('texts.json: row 5 has nothing in column "english"');
});
