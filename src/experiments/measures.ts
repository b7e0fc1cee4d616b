/** What figures show of a run: measures of the paper, found in the flat rows of the demo's tasks and of those on files. */
import { namedError } from '../contract/errors.ts';
import type { EvaluationTask, MetricRow, NewLanguage } from '../contract/evaluation.ts';

export interface Measure {
	readonly id: MeasureId;
	readonly title: string;
	/** Names of tasks it is made of: those of the demo, and those on files. */
	readonly tasks: readonly string[];
	/** Of tasks on files, which subjects: into the new language, out of it, or all. */
	readonly direction: 'into' | 'out of' | null;
	/** The first of these that was measured is shown. */
	readonly metrics: readonly string[];
}

export type MeasureId =
	| 'words-production'
	| 'words-comprehension'
	| 'translation-production'
	| 'translation-comprehension'
	| 'sentiment'
	| 'exam';

/** COMET where there is a model for it, else what needs none. */
const translated = ['comet', 'chrf++', 'chrf', 'token-f1'];

/** In the order of the paper: production (known to new) first, then comprehension. */
export const measures: readonly Measure[] = [
	{
		id: 'words-production',
		title: 'Words spoken',
		tasks: ['words-production', 'words'],
		direction: 'into',
		metrics: ['exact-match'],
	},
	{
		id: 'words-comprehension',
		title: 'Words understood',
		tasks: ['words-comprehension', 'words'],
		direction: 'out of',
		metrics: ['exact-match'],
	},
	{
		id: 'translation-production',
		title: 'Sentences spoken',
		tasks: ['sentences-production', 'translation'],
		direction: 'into',
		metrics: translated,
	},
	{
		id: 'translation-comprehension',
		title: 'Sentences understood',
		tasks: ['sentences-comprehension', 'translation'],
		direction: 'out of',
		metrics: translated,
	},
	{
		id: 'sentiment',
		title: 'Sentiment',
		tasks: ['sentiment'],
		direction: null,
		metrics: ['macro-f1'],
	},
	{
		id: 'exam',
		title: 'Questions',
		tasks: ['choice', 'exam'],
		direction: null,
		metrics: ['accuracy'],
	},
];

/**
 * Throws `BadInput` where a figure that shows some of the measures would stay empty, as the tasks have none of them; a
 * figure may lack some.
 */
export function checkMeasured(
	figure: { readonly id: string; readonly measures: readonly MeasureId[] },
	tasks: readonly EvaluationTask[],
): void {
	const names = tasks.map((task) => ('name' in task ? task.name : task.kind));
	const shown = measures.filter(({ id }) => figure.measures.includes(id));
	if (shown.length === 0 || shown.some((one) => one.tasks.some((name) => names.includes(name))))
		return;
	const wanted = new Set(shown.flatMap((one) => one.tasks.slice(-1)));
	throw namedError(
		'BadInput',
		`${figure.id} shows ${[...wanted].join(', ')}, and only ${names.join(', ') || 'nothing'} would be measured; ` +
			'ask for another task',
	);
}

export interface Score {
	readonly metric: string;
	readonly mean: number;
	/** Over evaluation runs; null of a single one. */
	readonly sd: number | null;
	/** Evaluation runs, and items of one. */
	readonly runs: number;
	readonly count: number;
}

/**
 * Mean over all subjects of a measure, weighted by their items; null where nothing of it was measured. The standard
 * deviation is that of the weighted mean of subjects whose evaluation runs are independent.
 */
export function scoreOf(
	rows: readonly MetricRow[],
	{ tasks, direction, metrics }: Measure,
	language: NewLanguage,
): Score | null {
	const own = rows.filter(
		({ task, subject }) =>
			tasks.includes(task) && (task.includes('-') || isDirection(subject, direction, language)),
	);
	const metric = metrics.find((name) => own.some((row) => row.metric === name));
	if (metric === undefined) return null;
	const counted = own.filter((row) => row.metric === metric);
	const count = counted.reduce((sum, row) => sum + row.count, 0);
	if (count === 0) return null;
	const weighted = (value: (row: MetricRow) => number) =>
		counted.reduce((sum, row) => sum + value(row), 0);
	const sd = counted.every((row) => row.sd === null)
		? null
		: Math.sqrt(weighted((row) => ((row.count / count) * (row.sd ?? 0)) ** 2));
	const mean = weighted((row) => row.mean * row.count) / count;
	return { metric, mean, sd, runs: Math.max(...counted.map(({ runs }) => runs)), count };
}

/** Subjects of translation are `A to B`, with the languages' English names. */
function isDirection(
	subject: string,
	direction: Measure['direction'],
	language: NewLanguage,
): boolean {
	const text = subject.toLowerCase();
	if (direction === 'into') return text.endsWith(` to ${language}`);
	if (direction === 'out of') return text.startsWith(`${language} to `);
	return true;
}
