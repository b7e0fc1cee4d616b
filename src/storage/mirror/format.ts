/** A library as plain files: where each thing lies, and the sealed JSON documents that describe it. */
import { namedError } from '../../contract/errors.ts';
import { sha256 } from '../../contract/sha256.ts';

/** Raised when a reader of the former version would misread what is written now. */
export const formatVersion = 1;

/** Paths inside the folder or archive. Bytes of checkpoints lie under their sha-256 and are shared between them. */
export const paths = {
	index: 'library.json',
	run: (id: string) => `runs/${id}.json`,
	dataset: (id: string) => `datasets/${id}.json`,
	rows: (id: string) => `datasets/${id}.rows.json`,
	model: (id: string) => `models/${id}.json`,
	checkpoint: (runId: string, step: number) => `checkpoints/${runId}/${step}.json`,
	chunk: (hash: string) => `chunks/${hash}`,
};

export type DocumentKind = 'library' | 'run' | 'dataset' | 'model' | 'checkpoint';

export interface SealedDocument {
	readonly text: string;
	/** Of the content's JSON without spaces, in hex. */
	readonly seal: string;
}

/** JSON has no word for what is not finite; the schemas read these back. */
function finite(_key: string, value: unknown): unknown {
	return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** Writes a document that says what it is, in which version, and the hash of its content. */
export async function sealDocument(kind: DocumentKind, content: unknown): Promise<SealedDocument> {
	const json = JSON.stringify(content, finite);
	const seal = await sha256(new TextEncoder().encode(json));
	const head = { format: `cogsym-lab ${kind}`, version: formatVersion, sha256: seal };
	const plain: unknown = JSON.parse(json);
	return { text: `${JSON.stringify({ ...head, content: plain }, null, '\t')}\n`, seal };
}

/** Bytes in which the seal of every document lies. */
const headBytes = 256;

/** The hash a document states, read from its beginning only; null where it is none of this version. */
export async function statedSeal(document: Blob): Promise<string | null> {
	const head = await document.slice(0, headBytes).text();
	const match =
		/^\{\s*"format": "cogsym-lab \w+",\s*"version": 1,\s*"sha256": "([0-9a-f]{64})",/.exec(head);
	return match?.[1] ?? null;
}

/** Larger documents cannot be strings everywhere. */
const largest = 256 * 1024 * 1024;

/** The content of a document. Throws `BadInput` naming its path where it is another, damaged, or of a newer version. */
export async function openDocument(
	kind: DocumentKind,
	path: string,
	document: Blob,
): Promise<unknown> {
	const bad = (problem: string) => namedError('BadInput', `${path}: ${problem}`);
	if (document.size > largest) throw bad(`${document.size} bytes are too many for a document`);
	const json = parse(await document.text());
	if (json === null || json['format'] !== `cogsym-lab ${kind}`)
		throw bad(`damaged, or not the description of a ${kind} that the lab wrote`);
	const { version, sha256: stated, content } = json;
	if (typeof version === 'number' && version > formatVersion)
		throw bad(`written by a newer version of the lab (format ${version}); update this one first`);
	checkKeys(content, path);
	const seal = await sha256(new TextEncoder().encode(JSON.stringify(content ?? null)));
	if (version !== formatVersion || seal !== stated)
		throw bad('damaged: its content is not what its sha-256 says');
	return content;
}

/** Whatever JSON it is: of what is no object nothing can be read, either. */
function parse(text: string): Record<string, unknown> | null {
	try {
		return JSON.parse(text) as Record<string, unknown> | null;
	} catch {
		return null;
	}
}

const forbiddenKeys = ['__proto__', 'prototype', 'constructor'];
const deepest = 32;

/** Refuses keys that reach into objects' prototypes, and nesting that no document of the lab has. */
export function checkKeys(value: unknown, path: string): void {
	const left: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
	for (let next = left.pop(); next; next = left.pop()) {
		if (next.value === null || typeof next.value !== 'object') continue;
		if (next.depth > deepest) throw namedError('BadInput', `${path}: nested too deeply`);
		const forbidden = forbiddenKeys.find((key) => Object.hasOwn(next.value as object, key));
		if (forbidden) throw namedError('BadInput', `${path}: a key is called ${forbidden}`);
		const depth = next.depth + 1;
		for (const inner of Object.values(next.value)) left.push({ value: inner, depth });
	}
}
