/** Runs evaluation tasks on the loaded model. */
import { namedError } from '../contract/errors.ts';
import type {
	EvaluationProgress,
	EvaluationRequest,
	EvaluationTask,
	MetricRow,
} from '../contract/evaluation.ts';
import type { TokenBlock } from '../contract/training.ts';
import {
	hiddenStates,
	releaseSequences,
	targetLosses,
	uploadSequences,
} from '../engine/model/decoder.ts';
import type { Ops } from '../engine/ops.ts';
import { scoreContinuations, sequenceLosses, TOKENS_AT_ONCE } from '../engine/score.ts';
import { countTargets, gatherSequences } from '../engine/train.ts';
import type { LanguageModel } from '../tasks/languageModel.ts';
import { measureSentiment } from '../tasks/sentiment.ts';
import { measureTextLoss } from '../tasks/textLoss.ts';
import type { LoadedModel } from './model.ts';

export interface EvaluationControl {
	readonly onProgress: (progress: EvaluationProgress) => void;
	/** Throws `Cancelled` where the user has asked to stop. */
	readonly check: () => void;
}

/** The engine as the tasks see it. */
function languageModel(ops: Ops, model: LoadedModel, check: () => void): LanguageModel {
	return {
		contextLength: model.decoder.config.contextLength,
		scoreContinuations: (items, onDone) =>
			scoreContinuations(ops, model.decoder, items, (done) => {
				check();
				onDone(done);
			}),
		sequenceLosses: (sequences, onDone) =>
			sequenceLosses(ops, model.decoder, sequences, (done) => {
				check();
				onDone(done);
			}),
	};
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
		const sequences = uploadSequences(ops, batch.inputIds, count, block.sequenceLength);
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

async function runTask(
	ops: Ops,
	model: LoadedModel,
	task: EvaluationTask,
	control: EvaluationControl,
	report: (label: string) => (done: number, total: number) => void,
): Promise<Omit<MetricRow, 'weights'>> {
	if (task.kind === 'block-loss') {
		const progress = report(`Loss on ${task.name}`);
		const { loss, targets } = await blockLoss(ops, model, task.block, (done) => {
			control.check();
			progress(done, task.block.count);
		});
		return {
			task: 'loss',
			subject: task.name,
			metric: 'loss-per-token',
			mean: loss / targets,
			sd: null,
			runs: 1,
			count: targets,
			shortened: 0,
		};
	}
	const tokenizer = model.needTokenizer();
	const lm = languageModel(ops, model, control.check);
	if (task.kind === 'text-loss')
		return measureTextLoss(lm, tokenizer, task.set, report(`Loss on ${task.set.language}`));
	const { set, runs, seed } = task;
	const progress = report(`Sentiment, ${set.language}`);
	return measureSentiment(lm, tokenizer, set, { runs, seed }, progress);
}

/** Rows in the order of the tasks. Rejects with `Cancelled`. */
export async function evaluate(
	ops: Ops,
	model: LoadedModel,
	request: EvaluationRequest,
	control: EvaluationControl,
): Promise<MetricRow[]> {
	const weights = request.weights === 'base' ? 'base' : 'adapted';
	const rows: MetricRow[] = [];
	for (const task of request.tasks) {
		control.check();
		const report = (label: string) => (done: number, total: number) => {
			control.onProgress({ done, total, label });
		};
		rows.push({ ...(await runTask(ops, model, task, control, report)), weights });
	}
	return rows;
}
