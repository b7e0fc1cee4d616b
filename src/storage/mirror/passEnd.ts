/** Begin and end of a pass: what there is, the table of contents, and the removal of what nothing needs any more. */
import { namedError } from '../../contract/errors.ts';
import type { RunRecord } from '../../contract/library.ts';
import type { MirrorCounts } from '../../contract/mirror.ts';
import type { LabDatabase } from '../database.ts';
import { readFile, removeFile } from './files.ts';
import { formatVersion, paths, sealDocument, statedSeal } from './format.ts';
import { idsOf, type Survey } from './survey.ts';
import { type Deletion, putFile, type Target } from './target.ts';

/** What the library has; runs changed last come first. */
export interface Contents {
	readonly datasets: readonly string[];
	readonly models: readonly string[];
	readonly runs: readonly RunRecord[];
}

export async function contentsOf(db: LabDatabase): Promise<Contents> {
	const [datasets, models, runs] = await Promise.all([
		db.getAllKeys('datasets'),
		db.getAllKeys('models'),
		db.getAll('runs'),
	]);
	return { datasets, models, runs: runs.sort((a, b) => b.updatedAt - a.updatedAt) };
}

/** Hash of the table of contents; null where there is none. Throws `BadInput` where a newer version wrote it. */
export async function readIndex(root: FileSystemDirectoryHandle): Promise<string | null> {
	const file = await readFile(root, paths.index);
	if (!file) return null;
	const version = /"version": (\d+)/.exec(await file.slice(0, 256).text())?.[1];
	if (Number(version ?? 0) > formatVersion)
		throw namedError(
			'BadInput',
			`The folder holds a library of a newer version of the lab (format ${version ?? ''}). It is left as it is: update this lab, or choose another folder.`,
		);
	return await statedSeal(file);
}

interface Ended {
	readonly survey: Survey;
	readonly holds: MirrorCounts;
	readonly more: { readonly runs: number; readonly datasets: number };
}

/** The table of contents is written before anything is removed, so that who looks next sees that something changed. */
export async function closePass(
	target: Target,
	contents: Contents,
	deletions: readonly Deletion[],
): Promise<Ended> {
	const { root, survey, obsolete } = target;
	const gone = deletions.filter(({ kind, id }) => !has(contents, kind, id));
	for (const { kind, id } of gone)
		for (const path of survey.sizes.keys()) if (belongs(path, kind, id)) obsolete.add(path);
	for (const path of obsolete) forget(survey, path);
	const garbage = unreferenced(survey);
	for (const path of garbage) forget(survey, path);
	const holds = countsOf(survey);
	let { index } = survey;
	if (target.written || obsolete.size + garbage.length > 0 || index === null) {
		const { text, seal } = await sealDocument('library', { savedAt: Date.now(), ...holds });
		const bytes = new TextEncoder().encode(text);
		await putFile(target, paths.index, bytes.length, [bytes]);
		index = seal;
	}
	for (const path of [...obsolete, ...garbage]) await removeFile(root, path);
	for (const { id } of gone) await removeFile(root, `checkpoints/${id}`);
	const lacking = (folder: 'runs' | 'datasets', known: readonly string[]) =>
		idsOf(survey, folder).filter((id) => !known.includes(id)).length;
	return {
		survey: { ...survey, index },
		holds,
		more: {
			runs: lacking(
				'runs',
				contents.runs.map(({ id }) => id),
			),
			datasets: lacking('datasets', contents.datasets),
		},
	};
}

function has({ runs, datasets, models }: Contents, kind: Deletion['kind'], id: string): boolean {
	if (kind === 'run') return runs.some((run) => run.id === id);
	return (kind === 'dataset' ? datasets : models).includes(id);
}

function belongs(path: string, kind: Deletion['kind'], id: string): boolean {
	const own = [paths[kind](id), paths.rows(id)];
	return own.includes(path) || path.startsWith(`checkpoints/${id}/`);
}

function forget({ sizes, seals, chunks, stamps }: Survey, path: string): void {
	for (const known of [sizes, seals, chunks, stamps]) known.delete(path);
}

/** Chunks of no checkpoint, and what an interrupted write left of one. */
function unreferenced({ sizes, chunks }: Survey): string[] {
	const needed = new Set([...chunks.values()].flat().map(({ hash }) => paths.chunk(hash)));
	return [...sizes.keys()].filter(
		(path) => /^chunks\/[0-9a-f]{64}/.test(path) && !needed.has(path),
	);
}

function countsOf(survey: Survey): MirrorCounts {
	return {
		runs: idsOf(survey, 'runs').length,
		datasets: idsOf(survey, 'datasets').length,
		models: idsOf(survey, 'models').length,
		checkpoints: survey.chunks.size,
		bytes: [...survey.sizes].reduce(
			(sum, [path, size]) => sum + (path === paths.index ? 0 : size),
			0,
		),
	};
}
