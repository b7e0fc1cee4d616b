/** How probable given texts are: losses of whole sequences and log-probabilities of continuations. */
import { addWholeLosses, type Asked, type Scored, scored } from './asked.ts';
import { addBranchLosses, type Branching, stemOf } from './branches.ts';
import type { Decoder } from './model/weights.ts';
import type { Ops } from './ops.ts';
import { groupByPrefix } from './prefixes.ts';

/** Sum of -log p over the tokens after the first, and their number, for every sequence. */
export async function sequenceLosses(
	ops: Ops,
	decoder: Decoder,
	sequences: readonly (readonly number[])[],
	onDone: (done: number) => void = () => undefined,
): Promise<{ loss: number; tokens: number }[]> {
	const items = sequences.map((ids, index) => scored(ids, 1, index));
	const sums = new Float64Array(items.length);
	await addWholeLosses(ops, decoder, items, sums, onDone);
	return sequences.map(({ length }, i) => ({ loss: sums[i]!, tokens: Math.max(0, length - 1) }));
}

/** Options whose tokens to run begin alike are run once: those of one token cost no more than their prompt. */
function shareRuns(options: readonly Scored[]): Scored[] {
	const shared: { ids: readonly number[]; asked: Asked[] }[] = [];
	for (const { ids, asked } of [...options].sort((a, b) => b.ids.length - a.ids.length)) {
		const longer = shared.find((other) => ids.every((id, index) => id === other.ids[index]));
		if (longer) longer.asked.push(...asked);
		else shared.push({ ids, asked: [...asked] });
	}
	return shared;
}

/**
 * Sum of log p of each option's tokens after its prompt: result[item][option]. What many prompts begin with is run
 * once, and so is a prompt for all its options.
 */
export async function scoreContinuations(
	ops: Ops,
	decoder: Decoder,
	items: readonly {
		readonly prompt: readonly number[];
		readonly options: readonly (readonly number[])[];
	}[],
	onDone: (done: number) => void = () => undefined,
): Promise<number[][]> {
	let count = 0;
	const stems = items.map(({ prompt, options }): Branching => {
		const runs = options.map((option) => scored([...prompt, ...option], prompt.length, count++));
		const asked = shareRuns(runs).filter((run) => run.asked.length > 0);
		return { ids: stemOf(asked), sharable: prompt.length - 1, runs: asked };
	});
	const sums = new Float64Array(count);
	let done = 0;
	for (const group of groupByPrefix(stems)) {
		const before = done;
		const tell = (own: number) => {
			onDone((done = before + own));
		};
		// With nothing shared, and one way to go on, keys and values need not be kept.
		const isPlain = (item: Branching) => group.shared === 0 && item.runs.length < 2;
		const plain = group.items.filter(isPlain);
		const runs = plain.flatMap((item) => item.runs);
		await addWholeLosses(ops, decoder, runs, sums, tell);
		const rest = { ...group, items: group.items.filter((item) => !isPlain(item)) };
		await addBranchLosses(ops, decoder, rest, sums, (own) => {
			tell(plain.length + own);
		});
		tell(group.items.length);
	}
	let at = 0;
	return items.map(({ options }) => options.map(() => -sums[at++]!));
}
