/** Reads tar archives: ours, and those GNU tar and bsdtar make of the same folder. The bytes of files are not read. */

import { badFile } from '../contract/errors.ts';
import { tarBlock, tarChecksum } from './tar.ts';

/** Larger names are no names. */
const longestName = 64 * 1024;

interface Header {
	readonly path: string;
	readonly size: number;
	readonly type: string;
}

const decoder = new TextDecoder();
const textAt = (bytes: Uint8Array, begin: number, length: number): string =>
	decoder.decode(bytes.subarray(begin, begin + length)).replace(/\0.*/s, '');

/** Octal text, or with the first bit set a large number in base 256, as GNU tar writes. */
function numberAt(bytes: Uint8Array, begin: number, length: number): number {
	const field = bytes.subarray(begin, begin + length);
	if (((field[0] ?? 0) & 0x80) !== 0)
		return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
	const text = textAt(bytes, begin, length).trim();
	return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function parseHeader(bytes: Uint8Array): Header | null {
	if (numberAt(bytes, 148, 8) !== tarChecksum(bytes)) return null;
	const prefix = textAt(bytes, 257, 5) === 'ustar' ? textAt(bytes, 345, 155) : '';
	const name = textAt(bytes, 0, 100);
	return {
		path: prefix ? `${prefix}/${name}` : name,
		size: numberAt(bytes, 124, 12),
		type: textAt(bytes, 156, 1) || '0',
	};
}

/** Records `length key=value` of an extended header. */
function paxRecords(text: string): ReadonlyMap<string, string> {
	return new Map([...text.matchAll(/^\d+ ([^=\n]+)=(.*)/gm)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

/** Paths as they are looked up: relative, without detours; null for those that lead elsewhere. */
function plainPath(path: string): string | null {
	const parts = path.split('/').filter((part) => part !== '.' && part !== '');
	return path.startsWith('/') || parts.includes('..') ? null : parts.join('/');
}

interface Entry extends Header {
	/** Where its bytes lie in the archive. */
	readonly begin: number;
	readonly end: number;
}

/** Every header of an archive with what the extended headers before it say. */
async function* entriesOf(archive: Blob, name: string): AsyncGenerator<Entry> {
	const bytesAt = async (begin: number, end: number) =>
		new Uint8Array(await archive.slice(begin, end).arrayBuffer());
	let stated: ReadonlyMap<string, string> = new Map();
	for (let at = 0; at + tarBlock <= archive.size;) {
		const block = await bytesAt(at, at + tarBlock);
		if (block.every((byte) => byte === 0)) return;
		const header = parseHeader(block);
		if (!header) throw badFile(name, whyNot(block, at));
		const size = Number(stated.get('size') ?? header.size);
		const path = stated.get('path') ?? header.path;
		const begin = at + tarBlock;
		const end = begin + size;
		if (!Number.isSafeInteger(size) || size < 0 || end > archive.size)
			throw badFile(name, `cut short or damaged at ${path}; save or copy it again`);
		at = begin + Math.ceil(size / tarBlock) * tarBlock;
		if (header.type === 'x' || header.type === 'L') {
			if (size > longestName) throw badFile(name, `damaged: a name of ${size} bytes`);
			stated = statedBy(header.type, decoder.decode(await bytesAt(begin, end)));
			continue;
		}
		stated = new Map();
		yield { path, size, type: header.type, begin, end };
	}
	throw badFile(name, 'cut short: the end of the archive is missing; save or copy it again');
}

/** POSIX's extended header (`x`), or a long name as GNU tar writes it (`L`). */
function statedBy(type: string, text: string): ReadonlyMap<string, string> {
	return type === 'x' ? paxRecords(text) : new Map([['path', text.replace(/\0.*/s, '')]]);
}

/**
 * The regular files of an archive by their paths, as slices of it; links, and paths that lead out of it, are passed over.
 * Throws `BadInput` naming the archive and the file at which it is damaged or cut short.
 */
export async function readTar(archive: Blob, name: string): Promise<Map<string, Blob>> {
	const files = new Map<string, Blob>();
	for await (const { path, type, begin, end } of entriesOf(archive, name)) {
		const plain = type === '0' || type === '7' ? plainPath(path) : null;
		if (plain) files.set(plain, archive.slice(begin, end));
	}
	return files;
}

function whyNot(block: Uint8Array, at: number): string {
	if (block[0] === 0x1f && block[1] === 0x8b) return 'compressed; unpack it with gunzip first';
	return at === 0 ? 'not a tar archive' : `damaged at byte ${at}; save or copy it again`;
}
