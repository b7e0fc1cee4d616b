/** `lab score` inside the page: anyone's translations or labels against references. */
import type { TextMetric, TextScore } from '../contract/scoring.ts';
import { asFile, data, modelSource, reportProgress, type SharedFile, trainer } from './threads.ts';

interface Files {
	readonly hypotheses: SharedFile;
	readonly references: SharedFile;
	readonly sources: SharedFile | null;
}

export interface ScoreCommandRequest extends Files {
	readonly metric: TextMetric;
}

const read = async ({ hypotheses, references, sources }: Files) => ({
	hypotheses: await asFile(hypotheses),
	references: await asFile(references),
	sources: sources && (await asFile(sources)),
});

export async function score({ metric, ...files }: ScoreCommandRequest): Promise<TextScore> {
	return data().score(metric, await read(files));
}

/** Scores with the estimator of `model`; the trainer must have been started. Sources are needed. */
export async function scoreWithComet({
	model,
	...files
}: Files & { readonly model: readonly SharedFile[] }): Promise<TextScore> {
	const { hypotheses, references, sources } = await data().alignedLines(await read(files));
	const { weights } = await trainer().loadComet(modelSource(model), reportProgress);
	const items = hypotheses.map((translation, line) => ({
		translation,
		source: sources?.[line] ?? '',
		reference: references[line] ?? '',
	}));
	const sentences = await trainer().scoreComet(items, reportProgress);
	return {
		metric: 'comet',
		score: sentences.reduce((sum, value) => sum + value, 0) / sentences.length,
		signature: `weights:${weights}`,
		lines: sentences.length,
		sentences,
	};
}
