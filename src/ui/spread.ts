/** Labels beside lines: as near to their lines as they can be without lying on each other. */

/**
 * Moves places (pixels from the top) apart so that neighbours keep `gap` and all stay within [from, to]; the order by
 * wanted place is kept. Answers in the order given.
 */
export function spread(
	wanted: readonly number[],
	gap: number,
	[from, to]: readonly [number, number],
): number[] {
	const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
	const placed = [...wanted];
	let least = from;
	for (const index of order) {
		placed[index] = Math.max(placed[index] ?? 0, least);
		least = (placed[index] ?? 0) + gap;
	}
	// Pushed beyond the end: back up again, as far as needed.
	let most = to;
	for (const index of order.reverse()) {
		placed[index] = Math.min(placed[index] ?? 0, most);
		most = (placed[index] ?? 0) - gap;
	}
	return placed;
}

/** A label on at most two lines of about equal length, broken at a space. */
export function twoLines(label: string): readonly string[] {
	const words = label.split(' ');
	const ways = words
		.slice(1)
		.map((_, index): [string, string] => [
			words.slice(0, index + 1).join(' '),
			words.slice(index + 1).join(' '),
		]);
	const longest = (way: readonly string[]) => Math.max(...way.map((line) => line.length));
	const best = ways.sort((a, b) => longest(a) - longest(b))[0];
	return label.length <= 5 || !best ? [label] : best;
}
