/** 2-shot multiple-choice questions answered by letter (IndoMMLU; METHOD.md 6.4). */
import { namedError } from '../contract/errors.ts';
import type { ExamQuestion, ExamSet, Prediction, RunDraws } from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom } from '../engine/random.ts';
import type { ItemPrompt } from './continuations.ts';
import { drawOrder, firstWithout } from './draws.ts';
import {
	countCuts,
	encodeContinuations,
	fitPrompt,
	type Measured,
	runsRow,
	shareRight,
	tokensBefore,
	toldCut,
	toldOverlap,
} from './items.ts';
import type { LanguageModel } from './languageModel.ts';
import { overlapOf, sameQuestion, requireShots, sameIn } from './sameItem.ts';

const SHOTS = 2;
/** What follows an answer in the examples. */
const END = '\n\n';

interface Asked extends ItemPrompt {
	readonly question: ExamQuestion;
	readonly run: number;
}

/**
 * Accuracy by option letter, mean over runs with other shots. The letter with the largest log p is the answer
 * (`encodeContinuations`), read as " A" after "Jawaban:": with the space in its token, as in running text. A prompt that does not fit the context loses
 * its beginning and is counted as shortened. Throws `BadInput` where there is no question or too little to show.
 */
export async function measureExam(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	set: ExamSet,
	{ runs, seed, shots = SHOTS }: RunDraws,
	onProgress: (done: number, total: number) => void,
): Promise<Measured> {
	checkExam(set, { shots });
	const asked = Array.from({ length: runs }, (_, run) =>
		examPrompts(set, seed + run, shots).map((prompt, index): Asked[] => {
			const question = set.questions[index];
			return question ? [{ question, ...prompt, run }] : [];
		}),
	).flat(2);
	const fitted = await encode(model, tokenizer, set, asked);
	const scores = await model.scoreContinuations(
		fitted.map(({ ids, options }) => ({ prompt: ids, options })),
		(done) => {
			onProgress(done, asked.length);
		},
	);
	const predictions = asked.map(({ question, run }, index): Prediction => {
		const own = scores[index] ?? [];
		const given = question.letters[own.indexOf(Math.max(...own))] ?? '';
		const { prompt = '', cut } = fitted[index] ?? {};
		const right = given === question.key;
		return { prompt, expected: question.key, given, right, run, ...toldCut(cut) };
	});
	const byRun = Array.from({ length: runs }, (_, run) =>
		shareRight(predictions.filter((one) => one.run === run)),
	);
	const overlap = toldOverlap(overlapOf(set.questions, set.shots, sameQuestion));
	const counted = { count: set.questions.length, ...countCuts(fitted), ...overlap };
	return {
		rows: [runsRow({ name: 'exam', subject: set.subject }, 'accuracy', byRun, counted)],
		predictions,
	};
}

/** Throws `BadInput` where there is no question or too little to show. */
export function checkExam(
	{ subject, questions, shots }: ExamSet,
	{ shots: count = SHOTS }: Pick<RunDraws, 'shots'>,
): void {
	// Where the questions show one another, each needs others.
	const enough = shots ? shots.length >= count : questions.length > count;
	if (questions.length === 0 || !enough)
		throw namedError(
			'BadInput',
			`exam, ${subject}: ${questions.length} questions, ${shots ? `${shots.length} to show` : 'which show one another'}; ` +
				`at least one is needed and ${count} others to show`,
		);
	const pool = shots ?? questions;
	requireShots(`exam, ${subject}`, questions, pool, sameIn(pool, sameQuestion), count);
}

/** The prompts of a run, one for each question; none is shown with itself. */
export function examPrompts(
	{ questions, shots }: ExamSet,
	seed: number,
	count = SHOTS,
): ItemPrompt[] {
	const random = createRandom(seed);
	const pool = shots ?? questions;
	const same = sameIn(pool, sameQuestion);
	const whole = shots && drawOrder(pool.length, null, random);
	return questions.map((question, index) => {
		const order = whole ?? drawOrder(pool.length, index, random);
		const blocks = firstWithout(order, count, same(question)).flatMap((place) => {
			const shot = pool[place];
			return shot ? [`${layOut(shot)} ${shot.key}${END}`] : [];
		});
		const item = layOut(question);
		return { prompt: blocks.join('') + item, item };
	});
}

/** As upstream (fajri91/IndoMMLU, evaluate.py), without its trailing space, which would be a token of its own. */
function layOut({ subject, grade, level, question, options }: ExamQuestion): string {
	const school = level === '' ? '' : ` untuk ${grade} ${level}`;
	return (
		`Ini adalah soal ${subject}${school}. Pilihlah salah satu jawaban yang dianggap benar!\n\n` +
		`${question}\n${options}\n\nJawaban:`
	);
}

async function encode(
	model: LanguageModel,
	tokenizer: TextTokenizer,
	{ subject }: ExamSet,
	asked: readonly Asked[],
) {
	const pause = createPause();
	const fitted = [];
	for (const [index, { question, prompt, item }] of asked.entries()) {
		const letters = question.letters.map((letter) => ` ${letter}`);
		const where = `exam, ${subject}, prompt ${index + 1}`;
		const { prompt: whole, options } = encodeContinuations(tokenizer, prompt, letters, END);
		const room = model.contextLength - Math.max(...options.map(({ length }) => length));
		const examples = () => tokensBefore(tokenizer, prompt, item);
		const { ids, cut } = fitPrompt(tokenizer, whole, room, where, examples);
		fitted.push({ ids, options, cut, prompt: cut ? tokenizer.decode(ids) : prompt });
		await pause();
	}
	return fitted;
}
