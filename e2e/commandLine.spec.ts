/** The command line against PyTorch's numbers, on both backends. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { lab } from './fixtures/lab.ts';
import { hasShared, javanesePairs, shared, storiesFile, storiesModel } from './fixtures/shared.ts';

interface Metric {
	readonly subject: string;
	readonly weights: string;
	readonly mean: number;
	readonly count: number;
}

interface Trained {
	readonly run: string;
	readonly steps: number;
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

test.skip(!hasShared, 'needs the reference material in ../shared');

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
});

test('pretrain-demo makes a model folder from random weights', async () => {
	const out = test.info().outputPath('demo');
	const answer = await lab(
		...['pretrain-demo', '--steps', '4', '--out', out, '--backend', 'wasm', '--json'],
	);
	expect(answer.code, answer.stderr).toBe(0);
	const log = JSON.parse(answer.stdout) as {
		updates: number;
		losses: { step: number; loss: number }[];
		heldOut: { weights: string; loss: number }[];
	};
	expect(log.updates).toBe(4);
	expect(log.losses.map(({ step }) => step)).toEqual([0, 3]);
	const [random, trained] = log.heldOut;
	// Random weights know nothing: every one of 768 tokens is as likely as the other.
	expect(random!.loss).toBeCloseTo(Math.log(768), 0);
	expect(trained!.loss).toBeLessThan(random!.loss - 0.3);
	expect(JSON.parse(readFileSync(`${out}/training-log.json`, 'utf8'))).toMatchObject({
		updates: 4,
		losses: log.losses,
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
	expect(metric!.mean).toBeLessThan(Math.log(768) + 0.5);
});

test('mistakes are told on standard error with a failing exit code', async () => {
	const cases: [string[], RegExp][] = [
		[['train', '--model', 'nowhere', '--data', javanesePairs], /nowhere: no such folder/],
		[['verify', '--model', storiesModel], /--reference/],
		[['evaluate', '--model', storiesModel], /what to measure/],
	];
	for (const [args, message] of cases) {
		const answer = await lab(...args);
		expect(answer.code).not.toBe(0);
		expect(answer.stdout).toBe('');
		expect(answer.stderr).toMatch(message);
	}
});
