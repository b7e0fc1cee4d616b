/** Changes of JSON that stays JSON, or nearly: other types, keys, depths, numbers. */
import type { Random } from '../../engine/random.ts';
import { longest, pick } from '../generate.ts';
import { type Bytes, type Mutator, utf8 } from '../target.ts';
import { spellings } from './numbers.ts';

/** Where a value is: the list or object that holds it, and its key there. */
interface Place {
	readonly holder: Record<string, unknown>;
	readonly key: string;
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

/** A value of the tree, the root being one; every step down is drawn, so that shallow ones are as likely as deep ones. */
function drawPlace(root: Record<string, unknown>, random: Random): Place {
	let at: Place = { holder: root, key: 'root' };
	for (;;) {
		const value = at.holder[at.key];
		const keys = isHolder(value) ? Object.keys(value) : [];
		if (!isHolder(value) || keys.length === 0 || random.next() < 0.15) return at;
		at = { holder: value, key: pick(random, keys) };
	}
}

const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'length', 'type', 'id', ''];

const texts = ['', ' ', 'a', '\u0000', '\ud800', '\udc00x', '\ufeff', '__proto__', '('.repeat(40)];

/** Text that stands in the tree for what JSON.stringify cannot write; the last character is not used elsewhere. */
const mark = '\uf8ff';

/** Written into the text in place of a value. */
function rawValue(random: Random): string {
	const depth = pick(random, [10, 200, 5000]);
	const nested = random.next() < 0.01 ? 100_000 : depth;
	const kind = random.next();
	if (kind < 0.6) return pick(random, spellings);
	if (kind < 0.7) return '['.repeat(nested) + ']'.repeat(nested);
	if (kind < 0.8) return '{"a":'.repeat(nested) + '1' + '}'.repeat(nested);
	if (kind < 0.85) return '['.repeat(nested);
	if (kind < 0.9) return '"\\ud800"';
	return pick(random, ['"\ud800"', "'a'", 'undefined', 'nul', '"\\u12"', '"a\nb"', '/**/1', '']);
}

const plainValues: readonly unknown[] = [null, true, false, [], {}, [[]], [null], [{}], { a: 1 }];

function otherValue(random: Random): unknown {
	const kind = random.next();
	if (kind < 0.4) return mark;
	return kind < 0.75 ? pick(random, plainValues) : pick(random, texts);
}

/** By way of text: structuredClone takes seconds for a copy after some ten thousand trees of different keys. */
const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Takes another place's value, for what fits only elsewhere. */
const moved = (root: Record<string, unknown>, random: Random): unknown => {
	const { holder, key } = drawPlace(root, random);
	return copyOf(holder[key]);
};

function define(holder: Record<string, unknown>, key: string, value: unknown): void {
	const rest = { writable: true, enumerable: true, configurable: true };
	Object.defineProperty(holder, key, { value, ...rest });
}

/** Appends the value so often; where that would be longer than any input may be, once. */
function repeat(list: unknown[], value: unknown, times: number): void {
	const length = JSON.stringify(value).length;
	const count = times * length > longest ? 1 : times;
	list.push(...Array.from({ length: count }, () => copyOf(value)));
}

/** Changes one key of an object, or one element of a list. */
function changeHolder({ holder, key }: Place, random: Random): void {
	const value = holder[key];
	if (Array.isArray(holder)) {
		const list = holder as unknown[];
		const times = Math.floor(random.next() ** 6 * 300);
		if (random.next() < 0.5) list.splice(Number(key), 1);
		else repeat(list, value, 1 + times);
		return;
	}
	if (random.next() < 0.6) Reflect.deleteProperty(holder, key);
	if (random.next() < 0.6) define(holder, pick(random, keys), value);
}

function change(root: Record<string, unknown>, random: Random): void {
	const at = drawPlace(root, random);
	const kind = random.next();
	if (kind < 0.35 && at.holder !== root) changeHolder(at, random);
	else if (kind < 0.5) define(at.holder, at.key, moved(root, random));
	else define(at.holder, at.key, otherValue(random));
}

/** JSON of the value; a key of it may be written a second time. Values stand for their marks until there is no room. */
function write(value: unknown, random: Random): string {
	const text = (JSON.stringify(value) as string | undefined) ?? 'null';
	let room = longest - text.length;
	const written = text.replaceAll(`"${mark}"`, () => {
		const raw = room > 0 ? rawValue(random) : '0';
		room -= raw.length;
		return raw;
	});
	if (random.next() > 0.05) return written;
	return written.replace('{', () => `{"${pick(random, keys)}":${rawValue(random)},`);
}

/** Levels: engines write a deeper value in a time that grows as the square of its depth, or not at all. */
const deepest = 1000;

function depthOf(text: string): number {
	let depth = 0;
	let most = 0;
	for (const character of text) {
		if (character === '[' || character === '{') most = Math.max(most, ++depth);
		else if (character === ']' || character === '}') depth--;
	}
	return most;
}

/** Text changed as JSON, where it is JSON and not so deep that nothing more is learnt from it. */
export function mutateJson(text: string, random: Random): string {
	if (depthOf(text) > deepest) return text;
	let root: Record<string, unknown>;
	try {
		root = { root: JSON.parse(text) as unknown };
		for (let count = 1 + random.integer(3); count > 0; count--) change(root, random);
		return write(root.root, random);
	} catch {
		// No JSON any more.
		return text;
	}
}

const asText = (bytes: Bytes): string => new TextDecoder().decode(bytes);

const whole: Mutator = (bytes, random) => utf8(mutateJson(asText(bytes), random));

/** One number of the text, whatever it belongs to. */
const number: Mutator = (bytes, random) => {
	const text = asText(bytes);
	const found = [...text.matchAll(/-?\d+(\.\d+)?/g)];
	if (found.length === 0) return bytes;
	const { index, 0: old } = pick(random, found);
	return utf8(text.slice(0, index) + pick(random, spellings) + text.slice(index + old.length));
};

/** Changes of a JSON file. */
export const jsonMutators: readonly Mutator[] = [whole, whole, whole, number];

/** Changes of one line as JSON. */
export const jsonLine: Mutator = (bytes, random) => {
	const lines = asText(bytes).split('\n');
	const at = random.integer(lines.length);
	lines[at] = mutateJson(lines[at] ?? '', random);
	return utf8(lines.join('\n'));
};
