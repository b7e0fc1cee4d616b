/** Which columns of a table are instruction, input and output, by their names. */
import type { ColumnMapping } from '../contract/library.ts';

/** Spellings in use, the usual one first (Alpaca, Dolly, OpenAI fine-tuning, question-answer sets). */
const spellings = {
	instruction: ['instruction', 'prompt', 'question', 'query', 'instruksi', 'pertanyaan'],
	input: ['input', 'context', 'konteks', 'masukan'],
	output: ['output', 'response', 'completion', 'answer', 'target', 'keluaran', 'jawaban'],
} as const;

/** Columns of whole chats: OpenAI's and TRL's, ShareGPT's. */
const chats = ['messages', 'conversations', 'conversation'];

/**
 * The mapping that the column names suggest; null where instruction or output cannot be told. A column of chats is an
 * output that nothing asks for; a file whose only column is `text` is plain text.
 */
export function guessMapping(columns: readonly string[]): ColumnMapping | null {
	const find = (names: readonly string[]): string | null => {
		for (const name of names) {
			const found = columns.find((column) => column.trim().toLowerCase() === name);
			if (found !== undefined) return found;
		}
		return null;
	};
	const text = find(['text']);
	const whole = find(chats) ?? (columns.length === 1 ? text : null);
	if (whole !== null) return { instruction: null, input: null, output: whole };
	const instruction = find(spellings.instruction);
	const output = find(spellings.output);
	if (instruction === null || output === null) return null;
	return { instruction, input: find(spellings.input), output };
}

/** Whether a column is named as one of chats. */
export const isChatColumn = (column: string): boolean =>
	chats.includes(column.trim().toLowerCase());

/** Why no mapping can be guessed, and what to do. */
export function whyNoGuess(columns: readonly string[], file: string): string {
	const names = columns.map((column) => column.trim().toLowerCase());
	if (names.includes('chosen') && names.includes('rejected'))
		return `${file}: the rows are preferences (chosen, rejected), and training here learns one answer; choose "chosen" as the output, or write a file with one answer in every row`;
	return `${file}: cannot tell which columns are instruction, input and output among ${columns.join(', ')}; name them`;
}
