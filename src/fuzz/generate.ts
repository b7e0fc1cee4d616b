/** The inputs of a target: the same for the same seed and number, whichever thread makes them. */
import { createRandom, type Random } from '../engine/random.ts';
import type { Bytes, Target } from './target.ts';

/** Changes of one input: mostly one or two, so that what is behind the first check is reached, too. */
const mostChanges = 5;

/** Bytes: longer inputs say nothing new and take long. */
export const longest = 2 ** 18;

export function pick<Item>(random: Random, items: readonly Item[]): Item {
	const item = items[random.integer(items.length)];
	if (item === undefined) throw new Error('nothing to pick from');
	return item;
}

/** FNV-1a, 32 bits: a random stream for each text. */
function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let at = 0; at < text.length; at++)
		value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
	return value >>> 0;
}

/** Returns input `index` of a target; the first ones are its valid files as they are. */
export function inputsOf(target: Target, seed: number): (index: number) => Bytes {
	const seeds = target.seeds();
	return (index) => {
		const whole = seeds[index];
		if (whole) return whole;
		const random = createRandom(hash(`${target.name} ${seed} ${index}`));
		let bytes = pick(random, seeds);
		const changes = 1 + Math.floor(mostChanges * random.next() ** 2);
		for (let change = 0; change < changes; change++) {
			const next = pick(random, target.mutators)(bytes, random, pick(random, seeds));
			if (next.length <= longest) bytes = next;
		}
		return bytes;
	};
}
