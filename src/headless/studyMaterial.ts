/** What `lab study` works on: a model, texts to learn, tasks to measure; the bundled demo's or the user's own. */
import type {
	EvaluationTask,
	FileTaskChoice,
	NewLanguage,
	TextSet,
} from '../contract/evaluation.ts';
import type { ColumnMapping, ModelRecord } from '../contract/library.ts';
import type { RunSpec } from '../contract/spec.ts';
import { monolingualTexts } from '../demo/monolingual.ts';
import { demoStudyBase } from '../demo/studyBase.ts';
import { defaultSpec } from '../experiments/defaults.ts';
import { overrideSpec } from '../experiments/overrideSpec.ts';
import { readTexts, type TextFile } from './texts.ts';
import { asFile, data, reportProgress, type SharedFile, store } from './threads.ts';
import { importDataset } from './trainCommand.ts';

/** The user's own model, texts and tasks. */
export interface OwnMaterial {
	readonly model: { readonly name: string; readonly files: readonly SharedFile[] };
	readonly dataset: { readonly file: SharedFile; readonly mapping: ColumnMapping | null };
	readonly paper: Omit<FileTaskChoice, 'languages'> & {
		readonly files: readonly { readonly path: string; readonly file: SharedFile }[];
	};
	/** Texts of known languages, for language-specific neurons; null: none. */
	readonly texts: TextFile | null;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Of one language and seed. */
export interface Material {
	/** The run everything but the layers is taken from. */
	readonly base: RunSpec;
	readonly final: readonly EvaluationTask[];
	/** Measured while training. */
	readonly probe: readonly EvaluationTask[];
	/** Rows of the dataset. */
	readonly rows: number;
	readonly notes: readonly string[];
}

export async function importStudyModel(own: OwnMaterial | null): Promise<ModelRecord> {
	if (own === null) return store().importDemoModel(reportProgress);
	const files = await Promise.all(own.model.files.map(asFile));
	return store().importModel(own.model.name, files, reportProgress);
}

/** `changes`: fields that differ from the demo's recipe, or from the default run. */
export async function studyMaterial(
	own: OwnMaterial | null,
	model: ModelRecord,
	{ language, seed }: { readonly language: NewLanguage; readonly seed: number },
	changes: Fields,
): Promise<Material> {
	if (own === null) return demoMaterial(model, language, seed, changes);
	const { files, ...choice } = own.paper;
	const dataset = await importDataset(own.dataset);
	const read = files.map(async ({ path, file }) => ({ path, file: await asFile(file) }));
	const found = await data().fileTasks(await Promise.all(read), {
		...choice,
		languages: [language],
	});
	return {
		base: overrideSpec(defaultSpec(model, dataset), { ...changes, seed }),
		final: found.tasks,
		probe: found.tasks.flatMap((task) => (task.kind === 'words' ? [{ ...task, runs: 1 }] : [])),
		rows: dataset.rows,
		notes: found.notes,
	};
}

async function demoMaterial(
	model: ModelRecord,
	language: NewLanguage,
	seed: number,
	{ steps: asked, ...changes }: Fields,
): Promise<Material> {
	const { dataset, probe, final } = await store().importDemoLanguage({
		...{ language, seed, draw: 'report' },
	});
	const steps = typeof asked === 'number' ? asked : null;
	const base = overrideSpec(demoStudyBase(model.id, dataset.id, seed, steps), changes);
	return { base, final, probe, rows: dataset.rows, notes: [] };
}

/** Texts per language of the demo: some 20,000 tokens of each. */
const demoTexts = 400;

/** For language-specific neurons; null where the user gave none. */
export async function knownTexts(own: OwnMaterial | null): Promise<readonly TextSet[] | null> {
	if (own === null) return monolingualTexts(demoTexts);
	return own.texts && (await readTexts(own.texts));
}
