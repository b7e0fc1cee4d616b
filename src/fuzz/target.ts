/** What the fuzzer works on: one reader of untrusted files, valid files for it, and ways to spoil them. */
import type { Random } from '../engine/random.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Makes another file of one; `other` is a second valid file to take parts of. */
export type Mutator = (bytes: Bytes, random: Random, other: Bytes) => Bytes;

export interface Target {
	readonly name: string;
	/** Small valid files: the reader takes each of them. */
	readonly seeds: () => readonly Bytes[];
	/** One of them is drawn for each change; a mutator that is listed twice is drawn twice as often. */
	readonly mutators: readonly Mutator[];
	/**
	 * Reads the file as the lab does, to the last value. Rejects with `BadInput` where it is refused; any other
	 * rejection is a fault.
	 */
	readonly read: (bytes: Bytes) => Promise<void>;
}

/** Throws where a reader that has taken a file made something wrong of it: a fault like a raw error. */
export function claim(holds: boolean, what: string): void {
	if (!holds) throw new Error(`taken, but ${what}`);
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export const jsonBytes = (value: unknown): Bytes => utf8(JSON.stringify(value));

/** The parts of a file in one piece. */
export function joined(parts: readonly Uint8Array[]): Bytes {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
