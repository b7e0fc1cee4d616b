/**
 * One pass of the mirror: what changed in the library is written to its folder. Things the library lacks stay there (a
 * library that was lost must not empty its mirror); only what was deleted by hand goes.
 */
import * as v from 'valibot';
import type { RunRecord } from '../../contract/library.ts';
import type { MirrorCounts } from '../../contract/mirror.ts';
import type { LabDatabase } from '../database.ts';
import { holdChunks } from '../locks.ts';
import { readModelContent, readRunContent, rowsOf } from './content.ts';
import { readFile } from './files.ts';
import { openDocument, paths } from './format.ts';
import { mirrorCheckpoint } from './passCheckpoint.ts';
import { closePass, contentsOf, readIndex } from './passEnd.ts';
import { RunContentSchema } from './schema.ts';
import { type Survey, surveyMirror } from './survey.ts';
import { type Deletion, putDocument, putFile, type Target } from './target.ts';

export interface PassSettings {
	/** Bytes that all checkpoints may take; null: as many as there are. */
	readonly limit: number | null;
	readonly deletions: readonly Deletion[];
}

export interface PassOutcome {
	/** For the next pass. */
	readonly survey: Survey;
	readonly holds: MirrorCounts;
	readonly leftOut: number;
	/** What the mirror has more than the library. */
	readonly more: { readonly runs: number; readonly datasets: number };
	/** What could not be copied, one line each. */
	readonly problems: readonly string[];
}

/**
 * Brings the folder up to date. Call it as the only one that writes there. Throws what the folder throws (gone, full, not
 * permitted), and `BadInput` where it holds a library of a newer version.
 */
export async function mirrorPass(
	db: LabDatabase,
	root: FileSystemDirectoryHandle,
	settings: PassSettings,
	known: Survey | null,
): Promise<PassOutcome> {
	const index = await readIndex(root);
	const survey = known !== null && known.index === index ? known : await surveyMirror(root, index);
	const target: Target = { root, survey, obsolete: new Set(), written: false };
	const contents = await contentsOf(db);
	for (const id of contents.datasets) await mirrorDataset(db, target, id);
	for (const id of contents.models) await mirrorModel(db, target, id);
	const runs: RunPass = { db, target, limit: settings.limit, leftOut: 0, ahead: 0, problems: [] };
	for (const record of contents.runs) await mirrorRun(runs, record);
	const ended = await closePass(target, contents, settings.deletions);
	return {
		...ended,
		leftOut: runs.leftOut,
		more: { ...ended.more, runs: ended.more.runs + runs.ahead },
		problems: runs.problems,
	};
}

async function mirrorDataset(db: LabDatabase, target: Target, id: string): Promise<void> {
	const path = paths.dataset(id);
	if (target.survey.stamps.has(path)) return;
	const dataset = await db.get('datasets', id);
	if (!dataset) return;
	// Rows never change: their id is made of them.
	if (target.survey.sizes.get(paths.rows(id)) !== dataset.record.bytes)
		await holdChunks(() =>
			putFile(target, paths.rows(id), dataset.record.bytes, rowsOf(db, dataset)),
		);
	await putDocument(target, 'dataset', path, { record: dataset.record });
	target.survey.stamps.set(path, '');
}

async function mirrorModel(db: LabDatabase, target: Target, id: string): Promise<void> {
	const path = paths.model(id);
	if (target.survey.stamps.has(path)) return;
	const model = await db.get('models', id);
	if (!model) return;
	await putDocument(target, 'model', path, await readModelContent(db, model));
	target.survey.stamps.set(path, '');
}

interface RunPass {
	readonly db: LabDatabase;
	readonly target: Target;
	readonly limit: number | null;
	leftOut: number;
	/** Runs of which the mirror has more than the library. */
	ahead: number;
	readonly problems: string[];
}

const stampOf = (record: RunRecord): string =>
	[record.updatedAt, record.steps, record.checkpointStep, record.status].join('/');

async function mirrorRun(pass: RunPass, record: RunRecord): Promise<void> {
	const { db, target } = pass;
	const path = paths.run(record.id);
	const stamp = target.survey.stamps.get(path);
	if (stamp === stampOf(record)) return;
	if (stamp === undefined && (await isAhead(target, record))) {
		pass.ahead += 1;
		return;
	}
	const outcome = await holdChunks(async () => {
		const run = await readRunContent(db, record.id);
		if (!run) return null;
		const copied = await mirrorCheckpoint(db, target, run.checkpoint, pass.limit);
		await putDocument(target, 'run', path, run.content);
		// What is not copied whole is tried again by the next pass, and told again.
		if (copied === 'there') target.survey.stamps.set(path, stampOf(run.content.record));
		return copied;
	});
	if (outcome === 'too large') pass.leftOut += 1;
	else if (outcome instanceof Error) pass.problems.push(`Run ${record.id}: ${outcome.message}`);
}

/**
 * Whether the folder holds the same run with more updates than the library has, made before this one was begun: a lost
 * library that begins the run anew must not write over what the mirror kept of it.
 */
async function isAhead({ root }: Target, record: RunRecord): Promise<boolean> {
	const path = paths.run(record.id);
	const file = await readFile(root, path);
	if (!file) return false;
	const parsed = await openDocument('run', path, file).then(
		(content) => v.safeParse(RunContentSchema, content),
		() => null,
	);
	if (!parsed?.success) return false;
	const kept = parsed.output.record;
	if (kept.startedAt === record.startedAt) return false;
	return (kept.checkpointStep ?? 0) > (record.checkpointStep ?? 0);
}
