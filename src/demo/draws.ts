/** Seeded choices, and the fixed division of everything askable into what is trained, chosen on and reported. */
import type { Random } from '../engine/random.ts';
import { permutation } from '../engine/random.ts';

/** `choose`: recipes are compared on these items; `report`: only for the figures that are shown. */
export type Draw = 'choose' | 'report';

/** One of the items, all alike likely. Throws where there is none. */
export function pick<T>(items: readonly T[], random: Random): T {
	const item = items[random.integer(items.length)];
	if (item === undefined) throw new Error('nothing to pick from: the list is empty');
	return item;
}

/** One of the items, likely by its weight. */
export function pickWeighted<T extends { readonly weight: number }>(
	items: readonly T[],
	random: Random,
): T {
	let left = random.next() * items.reduce((sum, { weight }) => sum + weight, 0);
	for (const item of items) {
		left -= item.weight;
		if (left < 0) return item;
	}
	return pick(items.slice(-1), random);
}

/** `count` different items, or all of them, in random order. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
	const order = permutation(items.length, random).subarray(0, Math.max(0, count));
	return Array.from(order, (index) => items[index] as T);
}

/** 32-bit FNV-1a with a final mix: the same number for the same text for ever, whatever the seed of a run. */
export function hash(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	return (h ^ (h >>> 13)) >>> 0;
}

/** The draw that a concept, a fact or a sentence belongs to. */
export function drawOf(key: string): Draw {
	return hash(key) % 2 === 0 ? 'choose' : 'report';
}

/** One sentence in eight is kept for evaluation: it is in no document. */
export function isReserved(sentence: string): boolean {
	return (hash(sentence) >>> 1) % 8 === 0;
}
