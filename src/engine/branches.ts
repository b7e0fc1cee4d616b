/** Losses of sequences that part: a beginning of all, a stem of each item, and what it may go on with. */
import {
	addLosses,
	type Asked,
	askedInRows,
	batches,
	type Scored,
	TOKENS_AT_ONCE,
} from './asked.ts';
import {
	appendTokens,
	CACHE_FLOATS,
	copyCache,
	createCache,
	floatsPerToken,
	type KeyValueCache,
	releaseCache,
} from './keyValueCache.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';
import type { PrefixGroup, Stem } from './prefixes.ts';

/** What is asked of sequences that all begin with `ids`. */
export interface Branching extends Stem {
	readonly runs: readonly Scored[];
}

/** Tokens that go on from sequence number `parent`; `asked` counts from the first of them. */
interface Branch extends Scored {
	readonly parent: number;
}

/** What all runs begin with. */
export function stemOf(runs: readonly Scored[]): readonly number[] {
	const [first, ...others] = runs.map(({ ids }) => ids);
	if (!first) return [];
	const end = first.findIndex((id, index) => others.some((ids) => ids[index] !== id));
	return end < 0 ? first : first.slice(0, end);
}

/** Adds to `sums` what is asked of the items. Every token of what they share is run once. */
export async function addBranchLosses(
	ops: Ops,
	decoder: Decoder,
	{ shared, items }: PrefixGroup<Branching>,
	sums: Float64Array,
	onDone: (done: number) => void,
): Promise<void> {
	const [first] = items;
	if (!first) return;
	const beginning = runPrefix(ops, decoder, first.ids.slice(0, shared));
	try {
		const order = [...items].sort((a, b) => a.ids.length - b.ids.length);
		let done = 0;
		for (const batch of batches(order, fitting(decoder, shared))) {
			const stems = batch.map(({ ids, runs }): Branch => {
				const asked = runs.flatMap((run) => part(run.asked, shared, ids.length));
				return { parent: 0, ids: ids.slice(shared), asked };
			});
			await addBelow(ops, decoder, beginning, stems, sums, (cache) =>
				addOptions(ops, decoder, cache, batch, sums),
			);
			done += batch.length;
			onDone(done);
		}
	} finally {
		if (beginning) releaseCache(ops, beginning);
	}
}

/** The cache of one sequence; null for no token. */
export function runPrefix(
	ops: Ops,
	decoder: Decoder,
	ids: readonly number[],
): KeyValueCache | null {
	if (ids.length === 0) return null;
	const { cache, x } = appendTokens(ops, decoder, createCache(ops, decoder, 1, ids.length), [ids]);
	ops.release(x);
	return cache;
}

/** What is asked after tokens from..to-1, counted from `from`. */
const part = (asked: readonly Asked[], from: number, to: number): Asked[] =>
	asked
		.filter(({ after }) => after >= from && after < to)
		.map((one) => ({ ...one, after: one.after - from }));

/** Whether sequences, the longest last, fit a pass and the caches behind `before` tokens. */
function fitting(decoder: Decoder, before: number) {
	const perToken = floatsPerToken(decoder);
	return (batch: readonly { ids: readonly number[] }[]): boolean => {
		const longest = batch.at(-1)!.ids.length;
		const cached = before + longest;
		return (
			batch.length * longest <= TOKENS_AT_ONCE && batch.length * cached * perToken <= CACHE_FLOATS
		);
	};
}

/** The options of a batch of items whose stems are in the cache, in its order. */
async function addOptions(
	ops: Ops,
	decoder: Decoder,
	cache: KeyValueCache,
	items: readonly Branching[],
	sums: Float64Array,
): Promise<void> {
	const branches = items.flatMap(({ ids, runs }, parent) =>
		runs.flatMap((run): Branch[] => {
			const rest = run.ids.slice(ids.length);
			const asked = part(run.asked, ids.length, run.ids.length);
			return rest.length > 0 ? [{ parent, ids: rest, asked }] : [];
		}),
	);
	const order = branches.sort((a, b) => a.ids.length - b.ids.length);
	for (const batch of batches(order, fitting(decoder, cache.capacity)))
		await addBelow(ops, decoder, cache, batch, sums);
}

/** Runs tokens behind sequences of a cache, which stays as it is; `deeper` goes on from what they make. */
async function addBelow(
	ops: Ops,
	decoder: Decoder,
	before: KeyValueCache | null,
	branches: readonly Branch[],
	sums: Float64Array,
	deeper: (cache: KeyValueCache) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
	const sequences = branches.map(({ ids }) => ids);
	const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
	const parents = branches.map(({ parent }) => parent);
	const start = before
		? copyCache(ops, before, parents, before.capacity + longest)
		: createCache(ops, decoder, branches.length, longest);
	const { cache, x, queries } = appendTokens(ops, decoder, start, sequences);
	const asked = branches.map((branch) => branch.asked);
	await addLosses(ops, decoder, x, askedInRows(asked, queries), sums);
	ops.release(x);
	await deeper(cache);
	releaseCache(ops, cache);
}
