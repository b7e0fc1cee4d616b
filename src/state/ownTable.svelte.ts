/** A task on a table of the user's own: the table, and which of its columns is what. */
import type { FileTasks, OwnTask, RunDraws } from '../contract/evaluation.ts';
import type { DataApi } from '../contract/dataApi.ts';
import { explain, type Failure } from './failure.ts';
import { guessColumn } from './texts.ts';

export type OwnKind = OwnTask['kind'];

/** Columns and names, those of every kind side by side; empty: none. */
export interface OwnFields {
	readonly kind: OwnKind;
	readonly first: string;
	readonly firstName: string;
	readonly second: string;
	readonly secondName: string;
	readonly english: string;
	readonly text: string;
	readonly label: string;
	readonly question: string;
	readonly options: readonly string[];
	readonly key: string;
	/** Of sentiment and exam: what they are about. */
	readonly subject: string;
}

export interface OwnFile {
	readonly file: File;
	readonly rows: number;
	readonly columns: readonly string[];
}

/** Whether a kind has a table of examples, and whether it needs one. */
export const examplesOf: Readonly<Record<OwnKind, 'none' | 'optional' | 'needed'>> = {
	words: 'none',
	translation: 'needed',
	sentiment: 'needed',
	exam: 'optional',
};

export class OwnTable {
	readonly #data: () => DataApi;
	#train = $state.raw<OwnFile | null>(null);
	#test = $state.raw<OwnFile | null>(null);
	#failure = $state.raw<Failure | null>(null);
	#fields = $state.raw<OwnFields>({
		...{ kind: 'sentiment', first: '', firstName: '', second: '', secondName: '', english: '' },
		...{ text: '', label: '', question: '', options: [], key: '', subject: '' },
	});

	/** True if there is a task to measure. */
	readonly ready = $derived.by(
		() =>
			this.#test !== null && (examplesOf[this.#fields.kind] !== 'needed' || this.#train !== null),
	);

	constructor(data: () => DataApi) {
		this.#data = data;
	}

	get train(): OwnFile | null {
		return this.#train;
	}

	get test(): OwnFile | null {
		return this.#test;
	}

	get fields(): OwnFields {
		return this.#fields;
	}

	get failure(): Failure | null {
		return this.#failure;
	}

	dismiss = (): void => {
		this.#failure = null;
	};

	set = (change: Partial<OwnFields>): void => {
		this.#fields = { ...this.#fields, ...change };
	};

	readTrain = async (file: File): Promise<void> => {
		const read = await this.#read(file);
		if (read) this.#train = read;
	};

	readTest = async (file: File): Promise<void> => {
		const read = await this.#read(file);
		if (!read) return;
		this.#test = read;
		this.set(guessed(read.columns, file.name.replace(/\.\w+$/, '')));
	};

	/** Rejects with `BadInput` naming file, row and column. Only where `ready`. */
	tasks(draws: RunDraws, rows: readonly [number, number] | null): Promise<FileTasks> {
		const task = taskOf(this.#fields);
		const shown = examplesOf[task.kind] === 'none' ? null : (this.#train?.file ?? null);
		if (this.#test === null) return Promise.resolve({ tasks: [], notes: [] });
		return this.#data().ownTask(shown, this.#test.file, { task, rows, ...draws });
	}

	async #read(file: File): Promise<OwnFile | null> {
		this.#failure = null;
		try {
			const { rows, columns } = await this.#data().preview(file);
			return { file, rows, columns: columns.filter((column) => column.trim() !== '') };
		} catch (error) {
			this.#failure = explain(`${file.name} could not be read`, error);
			return null;
		}
	}
}

function guessed(columns: readonly string[], subject: string): Partial<OwnFields> {
	const first = guessColumn(columns, ['javanese', 'sundanese', 'word_translation']);
	const second = guessColumn(columns, ['english', 'word_original'], 1);
	const english = columns.find((column) => /^(english|word_original)$/i.test(column)) ?? '';
	const question = guessColumn(columns, ['soal', 'question']);
	const key = guessColumn(columns, ['kunci', 'key', 'answer'], columns.length - 1);
	const options = columns.filter((column) => /^(jawaban|options|choices|[a-h])$/i.test(column));
	return {
		...{ first, second, english, firstName: first, secondName: second },
		text: guessColumn(columns, ['text', 'sentence']),
		label: guessColumn(columns, ['label', 'sentiment'], columns.length - 1),
		...{ question, key, subject, options },
	};
}

function taskOf(fields: OwnFields): OwnTask {
	const { kind, first, firstName, second, secondName, subject } = fields;
	const languages = [
		{ column: first, name: firstName },
		{ column: second, name: secondName },
	] as const;
	switch (kind) {
		case 'words':
			return { kind, languages, english: fields.english || null };
		case 'translation':
			return { kind, languages };
		case 'sentiment':
			return { kind, language: subject, text: fields.text, label: fields.label };
		case 'exam': {
			const { question, options, key } = fields;
			return { kind, subject, question, options, key };
		}
	}
}
