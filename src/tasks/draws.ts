/** Random choice of few-shot examples. */
import { permutation, type Random } from '../engine/random.ts';

/** `count` different numbers of 0..total-1, without `except` where it is one of them, in random order. */
export function drawOthers(
	count: number,
	total: number,
	except: number | null,
	random: Random,
): number[] {
	const order = permutation(except === null ? total : total - 1, random).subarray(0, count);
	return Array.from(order, (index) => (except !== null && index >= except ? index + 1 : index));
}
