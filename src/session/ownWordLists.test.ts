/** The lab's own word lists against the Austronesian Basic Vocabulary Database and the demo's words. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cellText, parseTable } from '../data/table.ts';
import type { ConceptId } from '../demo/concepts.ts';
import { wordOf } from '../demo/language.ts';
import { javanese } from '../demo/languages/javanese.ts';
import { sundanese } from '../demo/languages/sundanese.ts';
import { ownWordList } from '../tasks/words/ownLists.ts';
import { readWordList } from '../tasks/words/wordList.ts';

const data = '../shared/data';
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Phonetic letters of the database as everyday spelling has them. */
const respell = (form: string) =>
	plain(
		form
			.replaceAll('ŋ', 'ng')
			.replaceAll('ñ', 'ny')
			.replaceAll('ə', 'e')
			.replaceAll('ḍ', 'dh')
			.replaceAll('ṭ', 'th'),
	);

const lists = [
	{ code: 'jv', demo: javanese, database: 'abvd_20_jv' },
	{ code: 'su', demo: sundanese, database: 'abvd_284_su' },
] as const;

describe.each(lists)('words of $code', ({ code, demo, database }) => {
	const list = ownWordList(code);

	test('136 concepts, each form once', () => {
		expect(list.size).toBe(136);
		for (const [word, forms] of list) expect(new Set(forms).size, word).toBe(forms.length);
	});

	test('hold the words of the demo', () => {
		const shared = [...list].filter(([word]) => word in demo.words);
		expect(shared.length).toBeGreaterThan(25);
		const missing = shared.filter(
			([word, forms]) => !forms.includes(wordOf(demo, word as ConceptId)),
		);
		expect(missing).toEqual([]);
	});

	test.skipIf(!existsSync(data))('are concepts of Wendler', () => {
		const wendler = ['en', 'zh'].flatMap((other) => {
			const file = `${data}/wendler/langs/${other}/clean.csv`;
			return [...readWordList({ table: parseTable(readFileSync(file), file), file }).keys()];
		});
		expect([...list.keys()].filter((word) => !wendler.includes(word))).toEqual([]);
	});

	test.skipIf(!existsSync(data))('agree with the database where it has the concept', () => {
		const forms = databaseForms(`${data}/abvd/${database}.tsv`);
		const shared = [...list].filter(([word]) => forms.has(word));
		expect(shared.length).toBe(30);
		const differing = shared.filter(
			([word, own]) => !own.some((form) => forms.get(word)?.has(plain(form))),
		);
		expect(differing).toEqual([]);
	});
});

/** English word -> respelled forms; `leg/foot` counts for both, `to` and `the` are left out. */
function databaseForms(file: string): Map<string, Set<string>> {
	const forms = new Map<string, Set<string>>();
	const named = { table: parseTable(readFileSync(file), file), file };
	for (const row of named.table.rows.keys())
		for (const part of cellText(named, row, 'concept_en').replace(/\(.*/, '').split(/[/,]/)) {
			const word = part.replace(/^(to|the) /, '').trim();
			forms.set(word, (forms.get(word) ?? new Set()).add(respell(cellText(named, row, 'form'))));
		}
	return forms;
}
