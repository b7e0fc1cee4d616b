/** Which token sequences begin alike, so that their beginning is run once. */

/** About how many tokens a pass of its own is worth: a beginning must save more of them. */
const PASS_TOKENS = 512;

export interface Stem {
	readonly ids: readonly number[];
	/** Most tokens of it that may be left to a common beginning. */
	readonly sharable: number;
}

export interface PrefixGroup<Item> {
	/** Tokens that all begin with; 0: nothing is shared. */
	readonly shared: number;
	readonly items: readonly Item[];
}

/**
 * Groups of items that begin alike, so that few tokens are run, and last one of those that share nothing worth a pass of
 * their own (where there are any).
 */
export function groupByPrefix<Item extends Stem>(
	items: readonly Item[],
	passTokens = PASS_TOKENS,
): PrefixGroup<Item>[] {
	const order = [...items].sort((a, b) => compareIds(a.ids, b.ids));
	/** Tokens that item i has in common with item i + 1. */
	const common = order.slice(1).map((item, index) => commonStart(order[index]!, item));
	const { groups, alone } = split(order, common, passTokens);
	return alone.length > 0 ? [...groups, { shared: 0, items: alone }] : groups;
}

function compareIds(a: readonly number[], b: readonly number[]): number {
	const at = a.findIndex((id, index) => id !== b[index]);
	return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}

function commonStart(a: Stem, b: Stem): number {
	const most = Math.max(0, Math.min(a.sharable, b.sharable));
	for (let length = 0; length < most; length++) if (a.ids[length] !== b.ids[length]) return length;
	return most;
}

interface Division<Item> {
	readonly groups: PrefixGroup<Item>[];
	/** Items that share nothing. */
	readonly alone: readonly Item[];
	/** Tokens not run. */
	readonly saved: number;
}

/** Sorted neighbours share what all of them have in common, or are divided where they have the least in common. */
function split<Item>(
	items: readonly Item[],
	common: readonly number[],
	passTokens: number,
): Division<Item> {
	if (items.length < 2) return { groups: [], alone: items, saved: 0 };
	const shared = common.reduce((least, length) => Math.min(least, length));
	const parts: Division<Item>[] = [];
	for (let from = 0, to = 1; to <= items.length; to++) {
		if (to < items.length && common[to - 1] !== shared) continue;
		parts.push(split(items.slice(from, to), common.slice(from, to - 1), passTokens));
		from = to;
	}
	const apart = parts.reduce((sum, part) => sum + part.saved, 0);
	const together = (items.length - 1) * shared - passTokens;
	if (together >= apart && together > 0)
		return { groups: [{ shared, items }], alone: [], saved: together };
	return {
		groups: parts.flatMap(({ groups }) => groups),
		alone: parts.flatMap(({ alone }) => alone),
		saved: apart,
	};
}
