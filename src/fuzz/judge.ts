/** Whether a reader did well with a file: it took it, or refused it as it says it does. */
import type { ErrorName } from '../contract/errors.ts';
import { type Meter, mostBytes } from './meter.ts';
import type { Bytes, Target } from './target.ts';

export interface Verdict {
	readonly outcome: 'accepted' | 'refused' | 'fault';
	/** The fault, or what the refusal said. */
	readonly said: string;
	/** Bytes asked for, over those of the file. */
	readonly multiple: number;
	/** Bytes asked for, over those that are allowed. */
	readonly share: number;
}

const refusal: ErrorName = 'BadInput';

/**
 * What engines say of a mistake in a program: a message for people that holds it was not written for them. Jinja says
 * that "'IntegerValue' object is not iterable", of a template.
 */
const raw =
	/Cannot (?:read|set|convert|destructure|mix)|(?<!' object |something that )is not (?:a function|iterable|a constructor|defined)|Maximum call stack|Invalid (?:array|typed array|string|count|DataView)|Offset is outside|outside the bounds|allocation failed|\[object |Map maximum size/;

/** A person reads it. */
const longestMessage = 2100;

/** Reads `bytes` and judges what comes of it. A reader that never returns is its caller's to end. */
export async function judge(target: Target, bytes: Bytes, meter: Meter): Promise<Verdict> {
	const limit = mostBytes(bytes.length);
	const before = prototypeKeys();
	let refused: string | null = null;
	let fault: string | null = null;
	meter.start(limit);
	try {
		await target.read(bytes);
	} catch (error) {
		if (error instanceof Error && error.name === refusal) refused = error.message;
		else fault = describe(error);
	}
	const asked = meter.stop();
	const cost = { multiple: asked / Math.max(1, bytes.length), share: asked / limit };
	fault ??= refused === null ? null : badMessage(refused);
	if (asked > limit) fault = `asks for ${asked} bytes, ${limit} are allowed`;
	if (prototypeKeys() !== before) fault = 'changes the prototype of all objects';
	if (fault !== null) return { outcome: 'fault', said: fault, ...cost };
	return { outcome: refused === null ? 'accepted' : 'refused', said: refused ?? '', ...cost };
}

const prototypeKeys = (): number =>
	[Object, Array, Function, String, Map].reduce(
		(sum, { prototype }) => sum + Reflect.ownKeys(prototype).length,
		0,
	);

function badMessage(message: string): string | null {
	if (raw.test(message)) return `refuses with a raw error: ${message.slice(0, 200)}`;
	if (message.length <= longestMessage) return null;
	return `refuses in ${message.length} characters: ${message.slice(0, 40)}`;
}

/** Name, message and the first place in the stack. */
function describe(error: unknown): string {
	if (!(error instanceof Error)) return `throws ${typeof error}`;
	const place = /\n\s+at (.*)/.exec(error.stack ?? '')?.[1] ?? 'an unknown place';
	const where = place.replace(/\(?(?:file:\/\/)?[^ ]*\/((?:src|node_modules)\/[^ ?)]*).*/, '$1');
	return `${error.name}: ${error.message.slice(0, 200)} at ${where}`;
}

/** What faults of one kind have in common: numbers, quoted texts and places in the file differ. */
export const kindOf = (said: string): string =>
	said
		.replace(/"[^"]*"|'[^']*'/g, '"…"')
		.replace(/-?\d[\d.e+]*/g, 'N')
		.slice(0, 160);
