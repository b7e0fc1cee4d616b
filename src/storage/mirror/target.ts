/** A mirror's folder while it is written to. */
import { type Pieces, writeFile } from './files.ts';
import { type DocumentKind, sealDocument } from './format.ts';
import type { Survey } from './survey.ts';

/** A thing that was deleted by hand, so that its copy is to go, too. */
export interface Deletion {
	readonly kind: 'run' | 'dataset' | 'model';
	readonly id: string;
}

export interface Target {
	readonly root: FileSystemDirectoryHandle;
	readonly survey: Survey;
	/** Files that are to go once what takes their place is there. */
	readonly obsolete: Set<string>;
	written: boolean;
}

export async function putFile(
	target: Target,
	path: string,
	size: number,
	pieces: Pieces,
): Promise<void> {
	await writeFile(target.root, path, pieces);
	target.survey.sizes.set(path, size);
	target.written = true;
}

/** Writes a document unless the file there states the same content. */
export async function putDocument(
	target: Target,
	kind: DocumentKind,
	path: string,
	content: unknown,
): Promise<void> {
	const { text, seal } = await sealDocument(kind, content);
	if (target.survey.seals.get(path) === seal) return;
	const bytes = new TextEncoder().encode(text);
	await putFile(target, path, bytes.length, [bytes]);
	target.survey.seals.set(path, seal);
}
