/** Makes a find small: what can be left out while the fault stays the same is left out. */
import type { Bytes } from './target.ts';
import { joined, utf8 } from './target.ts';

/** Inputs without a part of the find, the largest parts first. */
function* without(bytes: Bytes): Generator<Bytes> {
	for (let size = Math.ceil(bytes.length / 2); size >= 1; size = Math.floor(size / 2))
		for (let at = 0; at < bytes.length; at += size)
			yield joined([bytes.subarray(0, at), bytes.subarray(at + size)]);
}

/** The same of JSON: without a key or an element, or with null in place of a value. */
function* withoutMember(bytes: Bytes): Generator<Bytes> {
	let root: unknown;
	try {
		root = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		// Too deep to be written again.
		JSON.stringify(root);
	} catch {
		return;
	}
	for (const change of members(root)) {
		const undo = change();
		if (undo === null) continue;
		yield utf8(JSON.stringify(root));
		undo();
	}
}

type Change = () => (() => void) | null;

function* members(value: unknown, depth = 0): Generator<Change> {
	if (typeof value !== 'object' || value === null || depth > 20) return;
	const holder = value as Record<string, unknown>;
	for (const key of Object.keys(holder).reverse()) {
		yield () => removed(holder, key);
		yield* members(Object.getOwnPropertyDescriptor(holder, key)?.value, depth + 1);
	}
}

function removed(holder: Record<string, unknown>, key: string): (() => void) | null {
	const old = Object.getOwnPropertyDescriptor(holder, key);
	if (!old) return null;
	if (Array.isArray(holder)) {
		const list = holder as unknown[];
		const [item] = list.splice(Number(key), 1);
		return () => list.splice(Number(key), 0, item);
	}
	Reflect.deleteProperty(holder, key);
	return () => Object.defineProperty(holder, key, old);
}

/** `fails` tells whether an input still shows the fault; it is asked for so many seconds. */
export async function minimise(
	find: Bytes,
	fails: (bytes: Bytes) => Promise<boolean>,
	seconds: number,
): Promise<Bytes> {
	let smallest = find;
	const end = performance.now() + 1000 * seconds;
	const smaller = async (): Promise<boolean> => {
		for (const ways of [withoutMember, without])
			for (const candidate of ways(smallest)) {
				if (candidate.length >= smallest.length) continue;
				if (performance.now() > end) return false;
				if (!(await fails(candidate))) continue;
				smallest = candidate;
				return true;
			}
		return false;
	};
	while (await smaller());
	return smallest;
}
