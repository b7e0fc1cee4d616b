/** Reading files that came from outside: text, JSON, and errors that name the file. */
import { badFile } from '../contract/errors.ts';
import type { ByteSource } from '../contract/model.ts';

/** Parses JSON from bytes or text. Throws `BadInput` naming the file where it is empty, not UTF-8, or malformed. */
export function parseJson(content: Uint8Array | string, file: string): unknown {
	const text = typeof content === 'string' ? content : decodeText(content, file);
	if (text.trim() === '') throw badFile(file, 'the file is empty; download it again');
	try {
		return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
	} catch (error) {
		throw badFile(file, `not valid JSON (${reason(error)}); download it again or correct it`);
	}
}

/** Reads a whole source as JSON. */
export async function readJson(source: ByteSource): Promise<unknown> {
	return parseJson(await source.read(0, source.size), source.name);
}

/** Reads a whole source as text. */
export async function readText(source: ByteSource): Promise<string> {
	return decodeText(await source.read(0, source.size), source.name);
}

function decodeText(bytes: Uint8Array, file: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw badFile(file, 'not text in UTF-8; download it again');
	}
}

function reason(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
