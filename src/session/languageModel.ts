/** The loaded model as the tasks see it. */
import { generateGreedily } from '../engine/generate.ts';
import { lensViews } from '../engine/lens.ts';
import type { Ops } from '../engine/ops.ts';
import { scoreContinuations, sequenceLosses } from '../engine/score.ts';
import type { LanguageModel } from '../tasks/languageModel.ts';
import type { LoadedModel } from './model.ts';

/** `check` is asked at every report, and may throw to end the work. */
export function languageModel(
	ops: Ops,
	{ decoder }: LoadedModel,
	check: () => void,
): LanguageModel {
	const { contextLength, eosTokenIds } = decoder.config;
	/** Asked to stop at every report. */
	const checked = (onDone: (done: number) => void) => (done: number) => {
		check();
		onDone(done);
	};
	return {
		contextLength,
		scoreContinuations: (items, onDone) => scoreContinuations(ops, decoder, items, checked(onDone)),
		generateGreedily: (items, isDone, onDone) =>
			generateGreedily(ops, decoder, items, { stopIds: eosTokenIds, isDone }, checked(onDone)),
		lensViews: (items, onDone) => lensViews(ops, decoder, items, checked(onDone)),
		sequenceLosses: (sequences, onDone) => sequenceLosses(ops, decoder, sequences, checked(onDone)),
	};
}
