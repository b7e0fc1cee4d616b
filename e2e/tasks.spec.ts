/** The paper's tasks on the page: files, settings, answers, the logit lens; and a table of one's own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { fill, importModel, openLab } from './fixtures/page.ts';
import { hasShared, shared } from './fixtures/shared.ts';

test.skip(!hasShared, 'needs the reference material in ../shared');

/** Writes the first lines of data files into a folder of the test. */
function dataFolder(name: string, files: Readonly<Record<string, [from: string, lines: number]>>) {
	const folder = test.info().outputPath(name);
	for (const [path, [from, lines]] of Object.entries(files)) {
		const whole = readFileSync(shared(`data/${from}`), 'utf8').split('\n');
		mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
		writeFileSync(`${folder}/${path}`, `${whole.slice(0, lines).join('\n')}\n`);
	}
	return folder;
}

const input = (page: Page, label: string) =>
	page.locator(`input[type=file][aria-label="${label}"]`);
const measure = (page: Page) => page.getByRole('button', { name: 'Measure', exact: true });

async function saved(page: Page, button: string): Promise<string> {
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: button }).click();
	return readFileSync(await (await download).path(), 'utf8');
}

test('words and sentences are measured; every answer is there to see and to take along', async ({
	page,
}) => {
	const folder = dataFolder('published', {
		// As in clones of the publishers' repositories.
		'llm-latent-language/data/langs/en/clean.csv': ['wendler/langs/en/clean.csv', 9],
		'nusax/datasets/mt/train.csv': ['nusax/mt/train.csv', 5],
		'nusax/datasets/mt/test.csv': ['nusax/mt/test.csv', 3],
	});
	await openLab(page, 'wasm');
	await importModel(page);
	await input(page, 'Task data folder').setInputFiles(folder);
	const tasks = page.getByRole('group', { name: 'Tasks', exact: true });
	await expect(tasks.getByRole('checkbox', { checked: true })).toHaveCount(2);
	await expect(tasks.getByRole('checkbox', { name: /IndoMMLU/ })).toBeDisabled();
	await expect(tasks).toContainText('needs nusax/sentiment/javanese/train.csv');
	const advice = 'https://huggingface.co/Unbabel/wmt22';
	await expect(page.locator('#measure')).toContainText(advice);
	// A folder that is taken for COMET by mistake can be taken back.
	await input(page, 'COMET folder').setInputFiles(folder);
	await expect(page.locator('#measure')).not.toContainText(advice);
	await page.getByRole('button', { name: 'Forget COMET' }).click();
	await expect(page.getByRole('button', { name: 'Choose COMET …' })).toBeFocused();
	await expect(page.locator('#measure')).toContainText(advice);
	await fill(page, { 'task-items': 6, 'task-runs': 2, 'task-shots': 2 });
	await page.getByRole('checkbox', { name: /Look inside/ }).check();
	await measure(page).click();
	await expect(measure(page)).toBeEnabled({ timeout: 120_000 });
	await expect(page.locator('#measure').getByRole('alert')).toHaveCount(0);

	const results = page.getByRole('table', { name: 'Results' });
	const exact = results.getByRole('row', {
		name: /^Javanese to English words, answers exactly right/,
	});
	await expect(exact.locator('td[data-label="Base"]').first()).toHaveText(
		/^\d\.\d{3} ± \d\.\d{3}$/,
	);
	await expect(results).toContainText('translation, chrF++ of 100');
	await expect(page.locator('#measure')).toContainText('chrF++: nrefs:1|case:mixed|eff:yes');

	// Two directions each: 6 words and 2 sentences, twice.
	const status = page.getByRole('status', { name: 'Answers shown' });
	await expect(status).toHaveText('1–20 of 32');
	await page.getByRole('button', { name: 'Next answers' }).click();
	await expect(status).toHaveText('21–32 of 32');
	await page.locator('#answers-set').selectOption('words, Javanese to English');
	await expect(status).toHaveText('1–12 of 12');
	await page.locator('#answers-right').selectOption('wrong');
	const answers = page.getByRole('table', { name: 'Answers' });
	await expect(answers.getByText('✗ wrong').first()).toBeVisible();
	await expect(answers.getByText('✓ right')).toHaveCount(0);
	await answers.locator('summary').first().click();
	const prompt = answers.locator('pre').first();
	await expect(prompt).toHaveText(
		/^(Basa Jawa: ".+" - English: ".+"\n){2}Basa Jawa: ".+" - English: "$/,
	);

	await page.locator('#answers-right').selectOption('');
	const lines = (await saved(page, 'Save these as JSON lines')).trimEnd().split('\n');
	const said = lines.map((line) => JSON.parse(line) as { prompt: string; run: number });
	expect(said.map(({ run }) => run)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
	expect(said.map((one) => one.prompt)).toContain(await prompt.textContent());
	const csv = await saved(page, 'Save these as CSV');
	expect(csv).toMatch(/^task,subject,weights,run,right,expected,given,prompt\n/);
	expect(csv.match(/^words,Javanese to English,base,[01],/gm)).toHaveLength(12);

	await expect(page.getByRole('img', { name: /^Logit lens/ })).toBeVisible();
	await page.getByText('The numbers', { exact: true }).click();
	const lens = page.getByRole('table', { name: 'Logit lens, Javanese to English' });
	await expect(lens.getByRole('row')).toHaveCount(6);
});

test('a table with columns of its own; what is wrong is told with row and column', async ({
	page,
}) => {
	const write = (name: string, text: string) => {
		const path = test.info().outputPath(name);
		writeFileSync(path, text);
		return path;
	};
	const examples = write('contoh.csv', 'kalimat;mood\nApik;baik\nElek;buruk\n');
	const asked = (label: string) => write('uji.csv', `kalimat;mood\nA;baik\nB;${label}\nC;buruk\n`);
	const chooseTest = async (file: string) => {
		await input(page, 'Test table').setInputFiles(file);
		await page.locator('#own-text').selectOption('kalimat');
		await page.locator('#own-label').selectOption('mood');
		await measure(page).click();
	};
	await openLab(page, 'wasm');
	await importModel(page);
	await page.locator('#own-kind').selectOption('sentiment');
	await input(page, 'Example table').setInputFiles(examples);
	await chooseTest(asked('sedang'));
	await expect(page.locator('#measure').getByRole('alert')).toContainText(
		'uji.csv: row 2, column "mood": "sedang" is no label of contoh.csv, which has baik, buruk',
	);
	await chooseTest(asked('baik'));
	await expect(page.getByRole('status', { name: 'Answers shown' })).toHaveText('1–9 of 9');
	await expect(page.getByRole('table', { name: 'Results' })).toContainText('macro-F1');
});
