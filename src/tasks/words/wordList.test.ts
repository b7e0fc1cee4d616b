import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTable } from '../../data/table.ts';
import { wordSet } from './languages.ts';
import { pairWords, readWordList } from './wordList.ts';

const read = (text: string) =>
	readWordList({
		table: parseTable(new TextEncoder().encode(text), 'words.csv'),
		file: 'words.csv',
	});
const header = 'lang,word_original,word_translation\n';

test('reads forms apart, in NFC, through a BOM, CRLF and quotes', () => {
	const list = read(
		'\ufeffword_original,word_translation\r\ncave,"guha; gua"\r\nrice,be\u0301as\r\ncoat,"a ""b"", c"\r\n',
	);
	expect([...list]).toEqual([
		['cave', ['guha', 'gua']],
		['rice', ['béas']],
		['coat', ['a "b", c']],
	]);
});

test('names file, row and column of what cannot be read', () => {
	const refused = (text: string) => expect(() => read(text));
	refused('lang,english,word_translation\njv,a,b\n').toThrow(
		'words.csv: there is no column "word_original"; it has "lang", "english", "word_translation"',
	);
	refused(`${header}jv,a,b\njv,c,\n`).toThrow('words.csv: row 2, column "word_translation": the');
	refused(`${header}jv,a,b\njv,c,d;;e\n`).toThrow('words.csv: row 2, column "word_translation"');
	refused(`${header}jv,a,b\njv,a,c\n`).toThrow('words.csv: row 2, column "word_original": "a" is');
});

test('joins lists by the English word, and drops what could be copied into another language', () => {
	const german = read(`${header}de,hand,Hand\nde,net,Netz\nde,sun,Sonne\nde,tea,Tee\n`);
	const javanese = read(`${header}jv,tea,teh\njv,sun,srengenge;surya\njv,hand,tangan\njv,net,jala`);
	expect(pairWords(javanese, german, 'de')).toEqual([
		{ english: 'tea', source: ['teh'], target: ['Tee'] },
		{ english: 'sun', source: ['srengenge', 'surya'], target: ['Sonne'] },
	]);
	expect(pairWords(german, javanese, 'jv').map(({ english }) => english)).toEqual([
		'hand',
		'net',
		'sun',
		'tea',
	]);
	const english = read(`${header}en,hand,hand\nen,tea,tea\n`);
	expect(wordSet(['jv', javanese], ['en', english])).toEqual({
		subject: 'Javanese to English',
		sourceName: 'Basa Jawa',
		sourceCode: 'jv',
		targetName: 'English',
		targetCode: 'en',
		pairs: [
			{ english: 'tea', source: ['teh'], target: ['tea'] },
			{ english: 'hand', source: ['tangan'], target: ['hand'] },
		],
	});
	expect(pairWords(javanese, read(`${header}de,tea,Tea-time;Tee`), 'de')).toEqual([]);
});

const wendler = '../shared/data/wendler/langs';
describe.skipIf(!existsSync(wendler))("Wendler's lists", () => {
	const counts = { en: 132, de: 120, fr: 118, ru: 115, zh: 139 };
	const list = (code: string) =>
		readWordList({
			table: parseTable(readFileSync(`${wendler}/${code}/clean.csv`), code),
			file: code,
		});

	test.each(Object.entries(counts))('%s has %i words', (code, count) => {
		expect(list(code).size).toBe(count);
	});

	test('97 concepts are in all five', () => {
		const [first, ...others] = Object.keys(counts).map(list);
		const all = [...first!.keys()].filter((word) => others.every((other) => other.has(word)));
		expect(all).toHaveLength(97);
	});

	test('merging Russian with German drops Hand, Sand and the like', () => {
		const [russian, german] = [list('ru'), list('de')];
		const words = pairWords(russian, german, 'de').map(({ english }) => english);
		const both = [...russian.keys()].filter((word) => german.has(word));
		const dropped = both.filter((word) => !words.includes(word)).sort();
		expect(dropped).toEqual(
			['ball', 'generation', 'gold', 'hand', 'net', 'person', 'sand', 'talent', 'version'].filter(
				(word) => both.includes(word),
			),
		);
		expect(dropped.length).toBeGreaterThan(5);
	});
});
