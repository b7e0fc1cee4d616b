/**
 * `npm run bench -- scoring`: 400 real sentiment prompts with three labels each on a real checkpoint, scored all together
 * (what prompts begin with is run once) and one by one, in one page. Scores must agree, and together must take at most a
 * third of the time.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { SentimentExample } from '../../src/contract/evaluation.ts';
import { filledColumn } from '../../src/data/columns.ts';
import { parseTable } from '../../src/data/table.ts';
import { createTokenizer } from '../../src/data/tokenizer.ts';
import { drawShots } from '../../src/tasks/sentiment.ts';
import { createPromptFitter } from '../../src/tasks/sentimentPrompt.ts';
import { openBrowser, runInPage } from './drive.ts';
import { machine } from './machine.ts';
import type { ScoringJob } from './page/api.ts';

const MODEL = '../shared/data/models/stories260K';
const SENTIMENT = '../shared/data/nusax/sentiment/javanese';
const CONTEXT = 512;
const SEED = 3407;
/** Part of the time of one by one, and error of a sum of log p as part of the largest. */
const ALLOWED = { time: 1 / 3, error: 1e-5 } as const;

async function examples(part: string): Promise<SentimentExample[]> {
	const file = `${SENTIMENT}/${part}.csv`;
	const named = { table: parseTable(await readFile(file), file), file };
	const labels = filledColumn(named, 'label');
	return filledColumn(named, 'text').map((text, row) => ({ text, label: labels[row] ?? '' }));
}

const readJson = async (name: string): Promise<unknown> =>
	JSON.parse(await readFile(`${MODEL}/${name}`, 'utf8'));

/** The prompts of one evaluation run, as token ids. */
async function prompts() {
	const tokenizer = createTokenizer(
		await readJson('tokenizer.json'),
		await readJson('tokenizer_config.json'),
	);
	const [train, test] = [await examples('train'), await examples('test')];
	const labels = [...new Set(train.map(({ label }) => label))].sort();
	const fit = createPromptFitter(tokenizer, labels, CONTEXT);
	const shots = drawShots(train, labels, SEED);
	const fitted = test.map(({ text }) => fit(shots, text));
	const shortened = fitted.filter((prompt) => prompt.cut !== null).length;
	return { items: fitted.map(({ item }) => item), shortened };
}

async function modelFiles(): Promise<ScoringJob['files']> {
	const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
	return Promise.all(
		names.map(async (name) => ({ name, bytes: [...(await readFile(`${MODEL}/${name}`))] })),
	);
}

export async function run(options: { json: string | null; only: string }): Promise<void> {
	for (const path of [MODEL, SENTIMENT])
		if (!existsSync(path))
			throw new Error(`${path} is not there; this bench needs the reference data`);
	const files = await modelFiles();
	const { items, shortened } = await prompts();
	const tokens = items.reduce((sum, { prompt }) => sum + prompt.length, 0);
	console.log(`${items.length} prompts, ${tokens} tokens, ${shortened} shortened to the context`);
	const browser = await openBrowser();
	const rows = [];
	try {
		for (const backend of ['wasm', 'webgpu'] as const) {
			if (!backend.includes(options.only)) continue;
			const page = await browser.newPage();
			const scored = await runInPage(page, 'score', { backend, files, items });
			await page.close();
			const share = scored.together / scored.oneByOne;
			const error = scored.largestError / scored.largestScore;
			const passed = share <= ALLOWED.time && error <= ALLOWED.error;
			rows.push({ name: `scoring/${backend}`, ...scored, share, error, passed });
			console.log(
				`${passed ? 'ok  ' : 'MISS'} ${backend.padEnd(7)} one by one ${(scored.oneByOne / 1000).toFixed(1)} s, ` +
					`together ${(scored.together / 1000).toFixed(1)} s (${share.toFixed(3)}), error ${error.toExponential(1)}`,
			);
		}
		if (options.json !== null) {
			const where = await machine(browser.version);
			const result = { ...where, allowed: ALLOWED, items: items.length, tokens, shortened, rows };
			await writeFile(options.json, `${JSON.stringify(result, null, '\t')}\n`);
		}
	} finally {
		await browser.close();
	}
	if (rows.some(({ passed }) => !passed)) throw new Error('the bar was missed');
}
