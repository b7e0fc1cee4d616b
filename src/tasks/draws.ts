/** Random choice of few-shot examples. */
import { permutation, type Random } from '../engine/random.ts';

/** The numbers 0..total-1 in random order, without `except` where it is one of them. */
export function drawOrder(total: number, except: number | null, random: Random): number[] {
	const order = permutation(except === null ? total : total - 1, random);
	return Array.from(order, (index) => (except !== null && index >= except ? index + 1 : index));
}

/** The first `count` of an order that are not among `others`. */
export function firstWithout(
	order: readonly number[],
	count: number,
	others: Pick<ReadonlySet<number>, 'has'>,
): number[] {
	const chosen: number[] = [];
	for (const index of order) {
		if (chosen.length === count) break;
		if (!others.has(index)) chosen.push(index);
	}
	return chosen;
}
