/** 2-shot multiple-choice questions answered by letter (IndoMMLU; method 6.4). */
import { namedError } from '../contract/errors.ts';
import type { ExamQuestion, ExamSet, Prediction, RunDraws } from '../contract/evaluation.ts';
import { createPause } from '../data/pause.ts';
import type { TextTokenizer } from '../data/tokenizer.ts';
import { createRandom, type Random } from '../engine/random.ts';
import { drawOthers } from './draws.ts';
import { encodeContinuations, fitPrompt, type Measured, runsRow, shareRight } from './items.ts';
import type { LanguageModel } from './languageModel.ts';

const SHOTS = 2;

interface Asked {
	readonly question: ExamQuestion;
	readonly prompt: string;
	readonly run: number;
}

/**
 * Accuracy by option letter, mean over runs with other shots. The letter with the largest log p is the answer, read as
 * " A" after "Jawaban:": with the space in its token, as in running text. A prompt that does not fit the context loses
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
			return question ? [{ question, prompt, run }] : [];
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
		const { prompt = '' } = fitted[index] ?? {};
		return { prompt, expected: question.key, given, right: given === question.key, run };
	});
	const byRun = Array.from({ length: runs }, (_, run) =>
		shareRight(predictions.filter((one) => one.run === run)),
	);
	const shortened = fitted.filter((one) => one.shortened).length;
	const counted = { count: set.questions.length, shortened };
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
	if (questions.length > 0 && enough) return;
	throw namedError(
		'BadInput',
		`exam, ${subject}: ${questions.length} questions, ${shots ? `${shots.length} to show` : 'which show one another'}; ` +
			`at least one is needed and ${count} others to show`,
	);
}

/** The prompts of a run, one for each question. */
export function examPrompts({ questions, shots }: ExamSet, seed: number, count = SHOTS): string[] {
	const random = createRandom(seed);
	if (!shots)
		return questions.map((one, index) => shown(questions, count, index, random) + layOut(one));
	const before = shown(shots, count, null, random);
	return questions.map((question) => before + layOut(question));
}

/** Questions with their answers. */
function shown(
	pool: readonly ExamQuestion[],
	count: number,
	except: number | null,
	random: Random,
): string {
	const blocks = drawOthers(count, pool.length, except, random).flatMap((index) => {
		const shot = pool[index];
		return shot ? [`${layOut(shot)} ${shot.key}\n\n`] : [];
	});
	return blocks.join('');
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
	for (const [index, { question, prompt }] of asked.entries()) {
		const letters = question.letters.map((letter) => ` ${letter}`);
		const { prompt: whole, options } = encodeContinuations(tokenizer, prompt, letters);
		const longest = Math.max(...options.map(({ length }) => length));
		const room = model.contextLength - longest;
		const { ids, shortened } = fitPrompt(
			tokenizer,
			whole,
			room,
			`exam, ${subject}, prompt ${index + 1}`,
		);
		fitted.push({ ids, options, shortened, prompt: shortened ? tokenizer.decode(ids) : prompt });
		await pause();
	}
	return fitted;
}
