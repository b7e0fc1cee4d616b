/** The bundled demo in the store: its base model, and the texts and tasks of a new language. */
import { namedError } from '../contract/errors.ts';
import type { ModelRecord } from '../contract/library.ts';
import { guardedFetch } from '../contract/guardedFetch.ts';
import type { Progress } from '../contract/progress.ts';
import type { DemoChoice, DemoLanguage } from '../contract/storeApi.ts';
import { adaptationTexts, newLanguage } from '../demo/adaptation.ts';
import { adaptationTasks } from '../demo/adaptationTasks.ts';
import type { LabDatabase } from '../storage/database.ts';
import { addDataset } from '../storage/datasets.ts';
import { addModel } from '../storage/models.ts';
import { checkModel } from './modelImport.ts';

const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];

/** Fetches the folder `demo` beside the page and imports it as any other; the same bytes are the same model. */
export async function importDemoModel(
	db: LabDatabase,
	onProgress: (progress: Progress) => void,
): Promise<ModelRecord> {
	const fetched: File[] = [];
	for (const [done, name] of files.entries()) {
		onProgress({ done, total: files.length, label: `Fetching ${name}` });
		fetched.push(await fetchFile(name));
	}
	const model = await checkModel('demo', fetched, onProgress);
	return await addModel(db, model.about, model.files, onProgress);
}

async function fetchFile(name: string): Promise<File> {
	const url = new URL(`${import.meta.env.BASE_URL}demo/${name}`, globalThis.location.origin);
	const response = await guardedFetch(url);
	if (!response.ok)
		throw namedError(
			'NotFound',
			`The bundled model is not beside the page: ${url.href} answered ${response.status}`,
		);
	return new File([await response.blob()], name);
}

/** Writes the texts of a choice into a dataset and makes its tasks; the same choice gives the same of both. */
export async function importDemoLanguage(
	db: LabDatabase,
	choice: DemoChoice,
): Promise<DemoLanguage> {
	const { name } = newLanguage(choice);
	const rows = adaptationTexts(choice).map((output) => ({ instruction: '', input: '', output }));
	const mapping = { instruction: null, input: null, output: 'text' };
	const about = { name: `${name}, demo texts ${choice.seed}`, mapping };
	return { dataset: await addDataset(db, about, rows), ...adaptationTasks(choice) };
}
