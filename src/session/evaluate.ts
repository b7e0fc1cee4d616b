/** Runs evaluation tasks on the loaded model. */
import { namedError } from '../contract/errors.ts';
import type {
	EvaluationProgress,
	EvaluationRequest,
	EvaluationTask,
	Measurement,
} from '../contract/evaluation.ts';
import type { TokenBlock } from '../contract/training.ts';
import { TOKENS_AT_ONCE } from '../engine/asked.ts';
import { hiddenStates } from '../engine/model/decoder.ts';
import { targetLosses } from '../engine/model/head.ts';
import { releaseSequences, uploadSequences } from '../engine/model/sequences.ts';
import type { Ops } from '../engine/ops.ts';
import { countTargets, gatherSequences } from '../engine/batches.ts';
import { measureChoice } from '../tasks/choice.ts';
import { measureExam } from '../tasks/exam.ts';
import { type GenerationTask, measureGeneration } from '../tasks/generation.ts';
import { type Measured, titleOf } from '../tasks/items.ts';
import { withComet } from '../tasks/metrics/comet.ts';
import { measureSentiment } from '../tasks/sentiment.ts';
import { measureTextLoss } from '../tasks/textLoss.ts';
import { measureTranslation } from '../tasks/translation.ts';
import { measureWords } from '../tasks/words/words.ts';
import type { LoadedComet } from './comet.ts';
import { languageModel } from './languageModel.ts';
import type { LoadedModel } from './model.ts';

export interface EvaluationControl {
	readonly onProgress: (progress: EvaluationProgress) => void;
	/** Throws `Cancelled` where the user has asked to stop. */
	readonly check: () => void;
	/** Scores translations, where it is loaded. */
	readonly comet?: LoadedComet | null;
}

/** Mean loss per target of prepared sequences. */
async function blockLoss(
	ops: Ops,
	model: LoadedModel,
	block: TokenBlock,
	onDone: (done: number) => void,
): Promise<{ loss: number; targets: number }> {
	let loss = 0;
	let targets = 0;
	const atOnce = Math.max(1, Math.floor(TOKENS_AT_ONCE / block.sequenceLength));
	for (let from = 0; from < block.count; from += atOnce) {
		const count = Math.min(atOnce, block.count - from);
		const numbers = Array.from({ length: count }, (_, i) => from + i);
		const batch = gatherSequences(block, numbers);
		const sequences = uploadSequences(
			ops,
			batch.inputIds,
			count,
			block.sequenceLength,
			batch.positions,
		);
		const x = await hiddenStates(ops, model.decoder, sequences);
		const losses = await targetLosses(ops, model.decoder, x, batch.targets);
		ops.release(x);
		releaseSequences(ops, sequences);
		for (const value of losses) loss += value;
		targets += countTargets(batch.targets);
		onDone(from + count);
	}
	if (targets === 0)
		throw namedError(
			'BadInput',
			'The held-out sequences have no target tokens; hold out more rows or take longer sequences',
		);
	return { loss, targets };
}

async function measureBlock(
	ops: Ops,
	model: LoadedModel,
	{ name, block }: Extract<EvaluationTask, { kind: 'block-loss' }>,
	onDone: (done: number) => void,
): Promise<Measured['rows'][number]> {
	const { loss, targets } = await blockLoss(ops, model, block, onDone);
	return {
		task: 'loss',
		subject: name,
		metric: 'loss-per-token',
		mean: loss / targets,
		sd: null,
		runs: 1,
		count: targets,
		shortened: 0,
	};
}

async function runTask(
	ops: Ops,
	model: LoadedModel,
	task: Exclude<EvaluationTask, GenerationTask>,
	control: EvaluationControl,
): Promise<Measured> {
	const report = (label: string) => (done: number, total: number) => {
		control.onProgress({ done, total, label });
	};
	if (task.kind === 'block-loss') {
		const progress = report(`Loss on ${task.name}`);
		const row = await measureBlock(ops, model, task, (done) => {
			control.check();
			progress(done, task.block.count);
		});
		return { rows: [row], predictions: [] };
	}
	const tokenizer = model.needTokenizer();
	const lm = languageModel(ops, model, control.check);
	switch (task.kind) {
		case 'choice':
			return measureChoice(lm, tokenizer, task, report(titleOf(task)));
		case 'text-loss': {
			const progress = report(`Loss on ${task.set.language}`);
			return { rows: [await measureTextLoss(lm, tokenizer, task.set, progress)], predictions: [] };
		}
		case 'words':
			return measureWords(lm, tokenizer, task.set, task, report(`Words, ${task.set.subject}`));
		case 'translation': {
			const progress = report(`Translation, ${task.set.subject}`);
			const measured = await measureTranslation(lm, tokenizer, task.set, task, progress);
			return scoreTranslations(measured, task, control);
		}
		case 'exam':
			return measureExam(lm, tokenizer, task.set, task, report(`Exam, ${task.set.subject}`));
		case 'sentiment':
			return measureSentiment(
				lm,
				tokenizer,
				task.set,
				task,
				report(`Sentiment, ${task.set.language}`),
			);
	}
}

/** Adds COMET where it is loaded. */
async function scoreTranslations(
	measured: Measured,
	{ set }: Extract<EvaluationTask, { kind: 'translation' }>,
	{ comet, check, onProgress }: EvaluationControl,
): Promise<Measured> {
	if (!comet) return measured;
	const label = `COMET, ${set.subject}`;
	return withComet(measured, set, (items) =>
		comet.score(items, (done, total) => {
			check();
			onProgress({ done, total, label });
		}),
	);
}

/** Generation is measured first and all at once, whatever the order of the tasks. */
async function measureAll(
	ops: Ops,
	model: LoadedModel,
	tasks: readonly EvaluationTask[],
	control: EvaluationControl,
): Promise<Measured[]> {
	const measured = new Map<EvaluationTask, Measured>();
	const generating = tasks.filter((task) => task.kind === 'generation');
	if (generating.length > 0) {
		const lm = languageModel(ops, model, control.check);
		const label = [...new Set(generating.map(({ name }) => name))].join(', ');
		const report = (done: number, total: number) => {
			control.onProgress({ done, total, label });
		};
		const results = await measureGeneration(lm, model.needTokenizer(), generating, report);
		for (const [index, result] of results.entries()) {
			const task = generating[index];
			if (task) measured.set(task, result);
		}
	}
	const ordered: Measured[] = [];
	for (const task of tasks) {
		control.check();
		const known = measured.get(task);
		if (known) ordered.push(known);
		else if (task.kind !== 'generation') ordered.push(await runTask(ops, model, task, control));
	}
	return ordered;
}

/** Rows and predictions in the order of the tasks. Rejects with `Cancelled`. */
export async function evaluate(
	ops: Ops,
	model: LoadedModel,
	request: EvaluationRequest,
	control: EvaluationControl,
): Promise<Omit<Measurement, 'step'>> {
	const weights = request.weights === 'base' ? 'base' : 'adapted';
	control.check();
	const measured = await measureAll(ops, model, request.tasks, control);
	return {
		rows: measured.flatMap(({ rows }) => rows.map((row) => ({ ...row, weights }) as const)),
		predictions: measured.flatMap(({ predictions }) => predictions),
	};
}
