/** COMET on the command line: against PyTorch's numbers, and as a measure of translations. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { cometTokenizer, cometWord } from '../src/session/testing.ts';
import { lab } from './fixtures/lab.ts';
import { hasShared, shared, storiesModel } from './fixtures/shared.ts';

const golden = shared('golden/comet');

/** A folder of the reference estimator with these of its files, and a tokenizer. */
function cometFolder(...files: readonly string[]): string {
	const folder = test.info().outputPath('comet');
	mkdirSync(`${folder}/checkpoints`, { recursive: true });
	for (const file of files) {
		const inside = file.endsWith('.ckpt') ? `checkpoints/${file}` : file;
		copyFileSync(`${golden}/${file}`, `${folder}/${inside}`);
	}
	writeFileSync(`${folder}/tokenizer.json`, JSON.stringify(cometTokenizer));
	return folder;
}

test.describe('with real material', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	for (const backend of ['wasm', 'webgpu'])
		test(`verify finds both forms of the weights equal to PyTorch on ${backend}`, async () => {
			const reference = `${golden}/golden.json`;
			const options = ['--model', golden, '--reference', reference, '--backend', backend];
			const answer = await lab('verify', ...options, '--json');
			expect(answer.code, answer.stderr).toBe(0);
			const report = JSON.parse(answer.stdout) as {
				device: { backend: string };
				rows: { quantity: string; error: number; tolerance: number; passed: boolean }[];
			};
			expect(report.device.backend).toBe(backend);
			for (const file of ['model.safetensors', 'model.ckpt']) {
				const scores = report.rows.find(({ quantity }) => quantity === `scores (${file})`);
				expect(scores?.error).toBeLessThan(1e-5);
			}
			expect(report.rows.every(({ passed }) => passed)).toBe(true);
		});

	test('score tells the mean and the score of each line', async () => {
		const { src, mt, ref, scores } = JSON.parse(
			readFileSync(`${golden}/golden.json`, 'utf8'),
		) as Record<'src' | 'mt' | 'ref', number[][]> & { scores: number[] };
		const write = (name: string, texts: readonly (readonly number[])[]) => {
			const path = test.info().outputPath(name);
			const words = texts.map((ids) => ids.filter((id) => id > 2).map(cometWord));
			writeFileSync(path, words.map((line) => `${line.join(' ')}\n`).join(''));
			return path;
		};
		const files = [
			...['--hypotheses', write('said.txt', mt), '--references', write('gold.txt', ref)],
			...['--metric', 'comet', '--backend', 'wasm', '--json'],
		];
		const model = ['--model', cometFolder('config.json', 'model.safetensors')];
		const answer = await lab('score', ...files, ...model, '--sources', write('source.txt', src));
		expect(answer.code, answer.stderr).toBe(0);
		const result = JSON.parse(answer.stdout) as {
			score: number;
			sentences: number[];
			lines: number;
		};
		expect(result).toMatchObject({
			metric: 'comet',
			lines: 4,
			signature: 'weights:model.safetensors',
		});
		for (const [i, score] of scores.entries())
			expect(Math.abs(result.sentences[i]! - score)).toBeLessThan(1e-5);
		const mean = scores.reduce((sum, score) => sum + score, 0) / 4;
		expect(Math.abs(result.score - mean)).toBeLessThan(1e-5);
		const without = await lab('score', ...files, ...model);
		expect(without.code).toBe(1);
		expect(without.stderr).toContain('COMET needs --sources');
	});

	test('evaluate scores translations with it, or says what is missing and where it is', async () => {
		const evaluate = (...more: string[]) =>
			lab(
				...[
					'evaluate',
					'--model',
					storiesModel,
					'--data',
					shared('data'),
					'--tasks',
					'translation',
				],
				...[
					'--languages',
					'javanese',
					'--rows',
					'0:3',
					'--runs',
					'2',
					'--backend',
					'wasm',
					'--json',
				],
				...more,
			);
		interface Evaluated {
			readonly results: { metric: string; subject: string; mean: number; count: number }[];
			readonly notes: string[];
		}
		const without = await evaluate();
		expect(without.code, without.stderr).toBe(0);
		const { results, notes } = JSON.parse(without.stdout) as Evaluated;
		expect(results.some(({ metric }) => metric === 'comet')).toBe(false);
		expect(notes.join()).toMatch(/without COMET; --comet DIR.*Unbabel\/wmt22-comet-da/);

		const answer = await evaluate('--comet', cometFolder('config.json', 'model.ckpt'));
		expect(answer.code, answer.stderr).toBe(0);
		const scored = JSON.parse(answer.stdout) as Evaluated;
		const rows = scored.results.filter(({ metric }) => metric === 'comet');
		expect(rows.map(({ subject }) => subject)).toEqual([
			'English to Javanese',
			'Javanese to English',
		]);
		for (const { mean, count } of rows) {
			expect(count).toBe(3);
			// The reference estimator is random: its scores are near 0.
			expect(Math.abs(mean)).toBeLessThan(0.5);
			expect(mean).not.toBe(0);
		}
		expect(scored.notes).toEqual([]);

		const empty = test.info().outputPath('empty');
		mkdirSync(empty);
		const refused = await evaluate('--comet', empty);
		expect(refused.code).toBe(1);
		expect(refused.stderr).toMatch(/config\.json: not among.*xlm-roberta-large/);
	});
});
