/** `lab score` inside the page: anyone's translations or labels against references. */
import type { TextMetric, TextScore } from '../contract/scoring.ts';
import { asFile, data, type SharedFile } from './threads.ts';

export interface ScoreCommandRequest {
	readonly metric: TextMetric;
	readonly hypotheses: SharedFile;
	readonly references: SharedFile;
	readonly sources: SharedFile | null;
}

export async function score(request: ScoreCommandRequest): Promise<TextScore> {
	const { metric, sources } = request;
	return data().score(metric, {
		hypotheses: await asFile(request.hypotheses),
		references: await asFile(request.references),
		sources: sources && (await asFile(sources)),
	});
}
