/** `lab tokenize` inside the page. */
import type { TokenizedText } from '../contract/dataApi.ts';
import { readTexts, type TextFile } from './texts.ts';
import { asFile, data, type SharedFile } from './threads.ts';

/** Texts of one language or file. */
export interface TokenizedTexts {
	readonly language: string;
	readonly texts: readonly TokenizedText[];
}

/** A file with one text on each line where `columns` is null. */
type Texts = Omit<TextFile, 'columns'> & { readonly columns: readonly string[] | null };

export async function tokenize(request: {
	readonly tokenizer: SharedFile;
	readonly config: SharedFile | null;
	readonly texts: Texts;
}): Promise<readonly TokenizedTexts[]> {
	const tokenizer = await asFile(request.tokenizer);
	const config = request.config && (await asFile(request.config));
	const { columns, ...rest } = request.texts;
	const sets = columns ? await readTexts({ ...rest, columns }) : [await readLines(rest)];
	const tokenized: TokenizedTexts[] = [];
	for (const { language, texts } of sets)
		tokenized.push({ language, texts: await data().tokenize(tokenizer, config, texts) });
	return tokenized;
}

async function readLines({ file, rows }: Omit<TextFile, 'columns'>) {
	const lines = (await (await asFile(file)).text()).split(/\r\n|\r|\n/);
	if (lines.at(-1) === '') lines.pop();
	return { language: file.name, texts: rows ? lines.slice(...rows) : lines };
}
