/** Files that a reader once did wrong with, kept small, in a folder for each target. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bytes } from './target.ts';

const folderOf = (target: string): string =>
	fileURLToPath(new URL(`cases/${target}`, import.meta.url));

/** Names of the cases of a target. */
export function caseNames(target: string): string[] {
	const folder = folderOf(target);
	return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export const readCase = (target: string, name: string): Bytes =>
	new Uint8Array(readFileSync(`${folderOf(target)}/${name}`));

/** Keeps a find; the name follows from its bytes. Returns its path within the folder of cases. */
export function keepCase(target: string, bytes: Bytes): string {
	const name = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
	mkdirSync(folderOf(target), { recursive: true });
	writeFileSync(`${folderOf(target)}/${name}`, bytes);
	return `${target}/${name}`;
}
