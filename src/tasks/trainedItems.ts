/**
 * Which items of a test stand in the rows a run was trained on. Texts are compared as in sameItem.ts, from the border of a
 * word to the border of a word: cheap, and exact in this sense only, for what is told in other words is not found.
 */
import type { EvaluationTask, TrainedCount } from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import { normalised, optionText } from './sameItem.ts';

/** Texts of an item: of each list one has to be in a row, and all in the same row. */
type Parts = readonly (readonly string[])[];

interface Item {
	readonly parts: Parts;
	found: boolean;
}

/** A word, or a letter of a script that is written without spaces. */
const unspaced =
	'\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const words = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{M}\\p{N}])+`, 'gu');
const spacedEnd = new RegExp(`(?![${unspaced}])[\\p{L}\\p{M}\\p{N}]$`, 'u');
const spacedStart = new RegExp(`^(?![${unspaced}])[\\p{L}\\p{M}\\p{N}]`, 'u');

/** From its first word to its last one; empty where there is none. */
function core(text: string): string {
	const plain = normalised(text);
	const found = [...plain.matchAll(words)];
	const [first, last] = [found[0], found.at(-1)];
	return first && last ? plain.slice(first.index, last.index + last[0].length) : '';
}

/** Of tasks whose items have texts; null for others. `rows`: all texts of a row as one. */
export async function trainedItems(
	tasks: readonly EvaluationTask[],
	rows: Iterable<string>,
): Promise<(TrainedCount | null)[]> {
	const perTask = tasks.map(
		(task) => partsOf(task)?.map((parts) => ({ parts, found: false })) ?? null,
	);
	const index = indexOf(perTask.flatMap((items) => items ?? []));
	const pause = createPause();
	for (const row of rows) {
		markFound(index, normalised(row));
		await pause();
	}
	return perTask.map(
		(items) => items && { items: items.length, trained: items.filter(({ found }) => found).length },
	);
}

function partsOf(task: EvaluationTask): Parts[] | null {
	const parts = rawParts(task);
	return (
		parts && parts.map((item) => item.map((part) => part.map(core).filter((text) => text !== '')))
	);
}

function rawParts(task: EvaluationTask): Parts[] | null {
	switch (task.kind) {
		case 'words':
			return task.set.pairs.map(({ source, target }) => [source, target]);
		case 'translation':
			return task.set.test.map(({ source, target }) => [[source, target]]);
		case 'sentiment':
			return task.set.test.map(({ text }) => [[text]]);
		case 'exam':
			return task.set.questions.map(({ question, options, letters, key }) => {
				const answer = options.split(/\r\n|\n|\r/)[letters.indexOf(key)] ?? '';
				return [[question], [optionText(answer)]];
			});
		case 'text-loss':
			return task.set.texts.map((text) => [[text]]);
		default:
			return null;
	}
}

/** Texts that are looked for, by their first word, and the items they are parts of. */
type Index = ReadonlyMap<string, ReadonlyMap<string, Set<Item>>>;

function indexOf(items: readonly Item[]): Index {
	const index = new Map<string, Map<string, Set<Item>>>();
	for (const item of items)
		for (const text of item.parts.flat()) {
			const first = text.match(words)?.[0] ?? '';
			const known = index.get(first) ?? new Map<string, Set<Item>>();
			index.set(first, known);
			known.set(text, (known.get(text) ?? new Set()).add(item));
		}
	return index;
}

function markFound(index: Index, row: string): void {
	const there = new Set<string>();
	const touched = new Set<Item>();
	for (const { 0: word, index: at } of row.matchAll(words))
		for (const [text, items] of index.get(word) ?? []) {
			if (there.has(text) || !row.startsWith(text, at) || goesOn(row, text, at)) continue;
			there.add(text);
			for (const item of items) if (!item.found) touched.add(item);
		}
	for (const item of touched)
		item.found = item.parts.every((part) => part.some((text) => there.has(text)));
}

/** Whether the last word of `text` goes on behind it. */
const goesOn = (row: string, text: string, at: number): boolean =>
	spacedEnd.test(text) && spacedStart.test(row.slice(at + text.length, at + text.length + 2));
