/** What `lab score` does, outside the page. */
import { file, print, withLab } from './drive.mjs';

function summary({ metric, score, signature, lines }) {
	const about = [`${lines} lines`, ...(signature ? [signature] : [])].join('; ');
	return `${metric} ${score.toFixed(4)} (${about})`;
}

export async function score({ metric, hypotheses, references, sources, json }) {
	const paths = [hypotheses, references, ...(sources ? [sources] : [])].map(file);
	await withLab({ backend: null }, async (lab) => {
		const [said, gold, source = null] = lab.share(paths);
		const request = { metric, hypotheses: said, references: gold, sources: source };
		const result = await lab.call('score', request);
		print(json, result, summary(result));
	});
}
