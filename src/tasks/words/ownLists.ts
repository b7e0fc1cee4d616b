/** The lab's own word lists (README.md here). */
import { parseTable } from '../../data/table.ts';
import javanese from './javanese.csv?raw';
import sundanese from './sundanese.csv?raw';
import { readWordList, type WordList } from './wordList.ts';

const texts = { jv: javanese, su: sundanese };

export function ownWordList(language: keyof typeof texts): WordList {
	const file = `the lab's own list, ${language}`;
	return readWordList({ table: parseTable(new TextEncoder().encode(texts[language]), file), file });
}
