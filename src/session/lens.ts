/** The logit lens on the loaded model. */
import type { LensChart, LensRequest } from '../contract/lens.ts';
import type { Ops } from '../engine/ops.ts';
import { measureLens } from '../tasks/words/lens.ts';
import type { EvaluationControl } from './evaluate.ts';
import { languageModel } from './languageModel.ts';
import type { LoadedModel } from './model.ts';

/** A chart for each set of words. Rejects with `Cancelled`. */
export async function lensCharts(
	ops: Ops,
	model: LoadedModel,
	{ weights, sets, ...draw }: LensRequest,
	{ onProgress, check }: EvaluationControl,
): Promise<LensChart[]> {
	const tokenizer = model.needTokenizer();
	const lm = languageModel(ops, model, check);
	const charts: LensChart[] = [];
	for (const set of sets) {
		check();
		const chart = await measureLens(lm, tokenizer, set, draw, (done, total) => {
			onProgress({ done, total, label: `Lens, ${set.subject}` });
		});
		charts.push({ ...chart, weights: weights === 'base' ? 'base' : 'adapted' });
	}
	return charts;
}
