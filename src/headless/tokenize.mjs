/** Options of `lab tokenize`, and what it does outside the page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { file, print, withLab } from './drive.mjs';
import { list, range } from './parse.mjs';
import { table } from './print.mjs';

export function tokenizeCommand(command) {
	command
		.description('ids and pieces of texts, tokens per word and per character')
		.requiredOption('--model <dir>', 'folder with tokenizer.json, and tokenizer_config.json if any')
		.requiredOption('--texts <file>', 'one text on each line (.txt), or a table with --columns')
		.option('--columns <names>', 'of a CSV, JSON or Parquet table: one for each language', list)
		.option('--rows <from:to>', 'rows of the file', range)
		.option('--json', 'print JSON on standard output and nothing else')
		.action(tokenize);
}

async function tokenize({ model, texts, columns, rows, json }) {
	if (!columns && !/\.txt$/i.test(texts))
		throw new Error('--texts of a table needs --columns; one text on each line is a .txt');
	const paths = [file(join(model, 'tokenizer.json')), file(texts)];
	const config = join(model, 'tokenizer_config.json');
	if (existsSync(config)) paths.push(file(config));
	await withLab({ backend: null }, async (lab) => {
		const [tokenizer, lines, configuration = null] = lab.share(paths);
		const request = { file: lines, columns: columns ?? null, rows: rows ?? null };
		const sets = await lab.call('tokenize', { tokenizer, config: configuration, texts: request });
		const counted = sets.map((set) => ({ ...set, ...perWord(set.texts) }));
		print(json, counted, [...sets.flatMap(pieces), perWordTable(counted)].join('\n'));
	});
}

/** Tokens of texts, without what the tokenizer puts in front, to their words and characters. */
function perWord(texts) {
	const sum = (key) => texts.reduce((total, text) => total + text[key], 0);
	const [tokens, words, characters] = ['tokens', 'words', 'characters'].map(sum);
	const ratio = (of) => (of === 0 ? null : tokens / of);
	return {
		...{ tokens, words, characters },
		tokensPerWord: ratio(words),
		tokensPerCharacter: ratio(characters),
	};
}

const pieces = ({ texts }) =>
	texts.flatMap(({ text, ids, pieces: own }) => [
		JSON.stringify(text),
		`  ${ids.join(' ')}`,
		`  ${own.join(' ')}`,
	]);

const decimals = (value) => (value === null ? '' : value.toFixed(4));

const perWordTable = (sets) =>
	table(
		['texts', 'tokens', 'words', 'characters', 'per word', 'per character'],
		sets.map((set) => [
			set.language,
			...[set.tokens, set.words, set.characters],
			...[set.tokensPerWord, set.tokensPerCharacter].map(decimals),
		]),
	);
