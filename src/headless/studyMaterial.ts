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
	readonly paper: Omit<FileTaskChoice, 'languages' | 'rows'> & {
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

interface Asked {
	readonly language: NewLanguage;
	readonly seed: number;
	/** Fields that differ from the demo's recipe, or from the default run. */
	readonly changes: Fields;
	/** Items of each test set that are measured, [from, to); null: all. */
	readonly items: readonly [number, number] | null;
}

export async function studyMaterial(
	own: OwnMaterial | null,
	model: ModelRecord,
	asked: Asked,
): Promise<Material> {
	if (own === null) return demoMaterial(model, asked);
	const { language, seed, changes, items: rows } = asked;
	const { files, ...choice } = own.paper;
	const dataset = await importDataset(own.dataset);
	const read = files.map(async ({ path, file }) => ({ path, file: await asFile(file) }));
	const found = await data().fileTasks(await Promise.all(read), {
		...{ ...choice, rows, languages: [language] },
	});
	return {
		base: overrideSpec(defaultSpec(model, dataset), { ...changes, seed }),
		final: found.tasks,
		probe: found.tasks.flatMap((task) => (task.kind === 'words' ? [{ ...task, runs: 1 }] : [])),
		rows: dataset.rows,
		notes: found.notes,
	};
}

async function demoMaterial(model: ModelRecord, asked: Asked): Promise<Material> {
	const { language, seed, items } = asked;
	const { steps, ...changes } = asked.changes;
	const choice = { language, seed, draw: 'report' } as const;
	const { dataset, probe, final } = await store().importDemoLanguage(choice);
	const updates = typeof steps === 'number' ? steps : null;
	const base = overrideSpec(demoStudyBase(model.id, dataset.id, seed, updates), changes);
	const measured = items === null ? final : someItems(final, ...items);
	return { base, final: measured, probe, rows: dataset.rows, notes: [] };
}

/** Of the demo's tasks, which hold different numbers of items: those that have some in this range. */
function someItems(tasks: readonly EvaluationTask[], from: number, to: number): EvaluationTask[] {
	const some = tasks.flatMap((task): EvaluationTask[] => {
		if (task.kind === 'generation') return [{ ...task, items: task.items.slice(from, to) }];
		if (task.kind === 'choice') return [{ ...task, items: task.items.slice(from, to) }];
		return [task];
	});
	const left = some.filter((task) => !('items' in task) || task.items.length > 0);
	if (left.length > 0) return left;
	throw new Error(`No task of the demo has items ${from} to ${to}; begin nearer to 0`);
}

/** Texts per language of the demo: some 20,000 tokens of each. */
const demoTexts = 400;

/** For language-specific neurons; null where the user gave none. */
export async function knownTexts(own: OwnMaterial | null): Promise<readonly TextSet[] | null> {
	if (own === null) return monolingualTexts(demoTexts);
	return own.texts && (await readTexts(own.texts));
}
