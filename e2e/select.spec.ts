/** `lab select`: the three methods on a real checkpoint, published scores, and what it refuses. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { lab } from './fixtures/lab.ts';
import { hasShared, javanesePairs, shared, storiesModel } from './fixtures/shared.ts';

interface Selected {
	readonly scores: number[];
	readonly ranking: number[];
	readonly layers: number[];
	readonly languages: { language: string; tokens: number; neurons: number[] }[];
	readonly source?: string;
}

async function select(...args: string[]): Promise<Selected> {
	const answer = await lab('select', '--json', '--backend', 'wasm', ...args);
	expect(answer.code, answer.stderr).toBe(0);
	return JSON.parse(answer.stdout) as Selected;
}

test('published scores need no model', async () => {
	const exponents = await select('--method', 'heavy-tail', '--published');
	expect(exponents.layers).toEqual([20, 21, 22, 23, 24, 27, 28, 30]);
	const neurons = await select('--method', 'lape', '--published', '--k', '2');
	expect(neurons.layers).toEqual([0, 26]);
	expect(neurons.source).toContain('Language-Specific-Neurons');
	const answer = await lab('select', '--method', 'fisher', '--published');
	expect(answer.code).toBe(1);
	expect(answer.stderr).toContain('no Fisher scores were published');
});

test.describe('with real material', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');
	const texts = shared('data/nusax/mt/valid.csv');

	test('heavy tails equal the reference numbers', async () => {
		const model = ['--model', shared('golden/llama2'), '--k', '1'];
		const { scores, layers } = await select('--method', 'heavy-tail', ...model);
		const reference = JSON.parse(readFileSync(shared('golden/heavy-tail.json'), 'utf8')) as {
			llama2_layer_mean_alpha_mid: number[];
		};
		for (const [layer, expected] of reference.llama2_layer_mean_alpha_mid.entries())
			expect(scores[layer]).toBeCloseTo(expected, 3);
		expect(layers).toEqual([3]);
	});

	test('Fisher information takes the first rows; LAPE the columns that are named', async () => {
		const fisher = ['--method', 'fisher', '--model', storiesModel, '--data', javanesePairs];
		const few = await select(...fisher, '--rows', '4', '--k', '2');
		expect(few.scores).toHaveLength(5);
		expect(Math.min(...few.scores)).toBeGreaterThan(0);
		expect(few.layers).toEqual(few.ranking.slice(0, 2).sort());
		const more = await select(...fisher, '--rows', '5', '--k', '2');
		expect(more.scores).not.toEqual(few.scores);

		const lape = ['--method', 'lape', '--model', storiesModel, '--texts', texts];
		const { scores, languages } = await select(...lape, '--columns', 'english,javanese');
		expect(languages.map(({ language }) => language)).toEqual(['english', 'javanese']);
		expect(languages.every(({ tokens }) => tokens > 1000)).toBe(true);
		expect(scores.reduce((sum, score) => sum + score, 0)).toBeGreaterThan(0);
	});

	test('refuses too few rows, one language, too many layers', async () => {
		const model = ['--model', storiesModel, '--backend', 'wasm'];
		const refused = async (...args: string[]) => {
			const answer = await lab('select', ...model, ...args);
			expect(answer.code).toBe(1);
			return answer.stderr;
		};
		expect(await refused('--method', 'fisher', '--data', javanesePairs, '--rows', '9999')).toMatch(
			/3482 rows, 9999 were asked for/,
		);
		expect(await refused('--method', 'lape', '--texts', texts, '--columns', 'english')).toContain(
			'two columns or more',
		);
		expect(await refused('--method', 'heavy-tail', '--k', '6')).toMatch(/k = 6 .* 5 layers/);
	});
});
