/** `lab score`: files of lines against references; `lab tokenize`: what a tokenizer makes of lines. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { lab } from './fixtures/lab.ts';
import { hasShared, shared } from './fixtures/shared.ts';

/** Writes lines and returns the path. */
function lines(name: string, content: readonly string[]): string {
	const path = test.info().outputPath(name);
	writeFileSync(path, `${content.join('\n')}\n`);
	return path;
}

const score = (metric: string, hypotheses: string, references: string, ...rest: string[]) =>
	lab(
		...['score', '--metric', metric, '--hypotheses', hypotheses, '--references', references],
		...rest,
	);

test('macro-F1 of labels as text, and a message for a class that is empty', async () => {
	const references = lines('gold.txt', ['n', 'n', 'n', 'p', 'p', 'u']);
	const said = lines('said.txt', ['n', 'n', 'p', 'p', 'u', 'n']);
	const answer = await score('macro-f1', said, references);
	expect(answer.code, answer.stderr).toBe(0);
	expect(answer.stdout).toBe('macro-f1 0.3889 (6 lines)\n');
	const wrong = lines('wrong.txt', ['n', 'n', 'p', 'p', 'u', 'x']);
	const refused = await score('macro-f1', wrong, references);
	expect(refused.code).toBe(1);
	expect(refused.stderr).toContain('wrong.txt: line 6: the class "x" is empty');
});

test('tokenize prints ids and pieces of a folder that holds a tokenizer only', async () => {
	const fixture = readFileSync('src/data/tokenizer/fixtures/llama3.json', 'utf8');
	const folder = test.info().outputPath('tokenizer');
	mkdirSync(folder);
	const { tokenizer } = JSON.parse(fixture) as { tokenizer: object };
	writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
	writeFileSync(join(folder, 'texts.txt'), 'Aku 😀\nAku\n');
	const answer = await lab(
		'tokenize',
		'--model',
		folder,
		'--texts',
		join(folder, 'texts.txt'),
		'--json',
	);
	expect(answer.code, answer.stderr).toBe(0);
	const [set] = JSON.parse(answer.stdout) as [{ texts: { pieces: string[] }[] }];
	expect(set).toMatchObject({ tokens: 7, words: 3, characters: 8, tokensPerCharacter: 7 / 8 });
	expect(set.texts[0]!.pieces.slice(0, 2)).toEqual(['<s>', 'Aku']);
	writeFileSync(
		join(folder, 'tokenizer.json'),
		JSON.stringify({ ...tokenizer, decoder: { type: 'CTC' } }),
	);
	const refused = await lab('tokenize', '--model', folder, '--texts', join(folder, 'texts.txt'));
	expect(refused.code).toBe(1);
	expect(refused.stderr).toContain('tokenizer.json: decoder: the type "CTC" is not supported');
});

test.describe('with real material', () => {
	test.skip(!hasShared, 'needs the reference material in ../shared');

	test('chrF++ of translations equals sacrebleu, with its signature', async () => {
		const golden = JSON.parse(readFileSync(shared('golden/text-metrics.json'), 'utf8')) as {
			sundanese: { hypotheses: string[]; references: string[] } & Record<string, unknown>;
		};
		const { hypotheses, references, ...wanted } = golden.sundanese;
		const paths = [lines('said.txt', hypotheses), lines('gold.txt', references)] as const;
		const answer = await score('chrf++', ...paths, '--json');
		expect(answer.code, answer.stderr).toBe(0);
		const result = JSON.parse(answer.stdout) as Record<string, unknown>;
		expect(result).toMatchObject({ lines: 60, signature: wanted['chrf++_signature'] });
		expect(result['score']).toBeCloseTo(wanted['chrf++'] as number, 9);
	});
});
