/** The threads of a page that nobody looks at, and files the command line shares with it. */
import type { Connection } from '../clients/connect.ts';
import { openData } from '../clients/data.ts';
import { openStore } from '../clients/store.ts';
import { openTrainer } from '../clients/trainer.ts';
import { namedError } from '../contract/errors.ts';
import type { ModelSource } from '../contract/model.ts';
import { guardedFetch } from '../contract/guardedFetch.ts';
import type { StoreApi } from '../contract/storeApi.ts';

/** A file of the local server. */
export interface SharedFile {
	readonly name: string;
	/** Path on this origin. */
	readonly url: string;
	readonly size: number;
}

/** Opens a thread on first use; a command needs only some of them. */
function lazily<Api>(open: () => Connection<Api>): () => Api {
	let connection: Connection<Api> | undefined;
	return () => (connection ??= open()).api;
}

export const trainer = lazily(openTrainer);
export const data = lazily(openData);

/** Of a profile that is gone when the command ends nothing is mirrored. */
const kept = () => new URLSearchParams(location.search).has('kept');
let opened: StoreApi | undefined;

export function store(): StoreApi {
	if (opened) return opened;
	opened = openStore().api;
	if (!kept()) void opened.keepMirrorIn('off');
	return opened;
}

/** Copies what the command changed, if it used the store of a profile that stays. Why it did not work is in the library. */
export async function mirrorStore(): Promise<void> {
	if (opened && kept()) await opened.mirrorNow();
}

/** A model or an adapter read in place, by ranges. */
export function modelSource(
	files: readonly SharedFile[],
): Exclude<ModelSource, { kind: 'stored' }> {
	return {
		kind: 'urls',
		files: files.map(({ name, url, size }) => ({
			name,
			size,
			url: new URL(url, location.href).href,
		})),
	};
}

/** A shared file as the page's user would have picked it. */
export async function asFile({ name, url }: SharedFile): Promise<File> {
	const response = await guardedFetch(url);
	if (!response.ok)
		throw new Error(`${name}: the local server answered ${response.status}; is it readable?`);
	try {
		return new File([await response.blob()], name);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw namedError(
			'QuotaExceeded',
			`${name}: the browser could not take the file in, for which it needs its size on the disk or in memory (${why}). ` +
				'Nothing stored was lost. Free disk space and try again.',
		);
	}
}

declare global {
	/** Set by the command line: takes what happens while a call runs. */
	var labEvent: ((event: HeadlessEvent) => void) | undefined;
}

export interface HeadlessEvent {
	readonly kind: string;
	readonly [field: string]: unknown;
}

/** Tells the command line what happens. */
export function report(event: HeadlessEvent): void {
	globalThis.labEvent?.(event);
}

/** Tells the command line how far a named piece of work is; `secondsLeft`: of all of it, null where it cannot be told. */
export function reportProgress(
	{ done, total, label }: { done: number; total: number; label: string },
	secondsLeft: number | null = null,
): void {
	const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft / 60)} min left`;
	report({ kind: 'progress', done, total, label: `${label}${left}` });
}
