/** Every answer of the tasks, to look through and to take along. */
import { type PredictionFile, predictionText } from '../clients/predictionFile.ts';
import type { NamedPrediction } from '../contract/evaluation.ts';
import { download } from './download.ts';

export interface AnswerFilter {
	/** `task, subject`, or empty for all. */
	readonly set: string;
	readonly weights: '' | NamedPrediction['weights'];
	readonly right: '' | 'right' | 'wrong';
}

const setOf = ({ task, subject }: NamedPrediction): string => `${task}, ${subject}`;

/** Answers on a page. */
const pageSize = 20;

export class Answers {
	#all = $state.raw<readonly NamedPrediction[]>([]);
	#filter = $state.raw<AnswerFilter>({ set: '', weights: '', right: '' });
	#page = $state.raw(0);

	readonly sets = $derived.by(() =>
		// Answers to a task stand together: its first one is looked for among few.
		this.#all
			.map(setOf)
			.filter((set, index, all) => set !== all[index - 1])
			.filter((set, index, all) => all.indexOf(set) === index),
	);
	readonly shown = $derived.by(() => {
		const { set, weights, right } = this.#filter;
		return this.#all.filter(
			(one) =>
				(set === '' || setOf(one) === set) &&
				(weights === '' || one.weights === weights) &&
				(right === '' || one.right === (right === 'right')),
		);
	});
	readonly pages = $derived.by(() => Math.max(1, Math.ceil(this.shown.length / pageSize)));
	/** Number of the first answer of the page among those shown, from 0. */
	readonly first = $derived.by(() => this.#page * pageSize);
	readonly rows = $derived.by(() => this.shown.slice(this.first, this.first + pageSize));

	get count(): number {
		return this.#all.length;
	}

	get filter(): AnswerFilter {
		return this.#filter;
	}

	get page(): number {
		return this.#page;
	}

	/** What a run has, in place of what was shown before. */
	show = (predictions: readonly NamedPrediction[]): void => {
		this.#all = predictions;
		this.choose({ set: '', weights: '', right: '' });
	};

	/** Adds the answers to a task, in place of those that the same weights gave before. */
	add = (predictions: readonly NamedPrediction[]): void => {
		const [first] = predictions;
		if (!first) return;
		const same = (one: NamedPrediction) =>
			setOf(one) === setOf(first) && one.weights === first.weights;
		this.#all = [...this.#all.filter((one) => !same(one)), ...predictions];
	};

	choose = (change: Partial<AnswerFilter>): void => {
		this.#filter = { ...this.#filter, ...change };
		this.#page = 0;
	};

	turn = (pages: number): void => {
		this.#page = Math.min(this.pages - 1, Math.max(0, this.#page + pages));
	};

	/** Hands the answers that are shown to the browser's downloads. */
	export = (form: PredictionFile): void => {
		download(new File([predictionText(this.shown, form)], `answers.${form}`));
	};
}
