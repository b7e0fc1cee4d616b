/** What `lab score` does, outside the page. */
import { estimatorFiles, file, print, withLab } from './drive.mjs';

function summary({ metric, score, signature, lines }) {
	const about = [`${lines} lines`, ...(signature ? [signature] : [])].join('; ');
	return `${metric} ${score.toFixed(4)} (${about})`;
}

export async function score({ metric, hypotheses, references, sources, model, backend, json }) {
	const comet = metric === 'comet';
	if (comet && !(sources && model))
		throw new Error('COMET needs --sources, what was translated, and --model, its folder');
	const paths = [hypotheses, references, ...(sources ? [sources] : [])].map(file);
	const estimator = comet ? estimatorFiles(model) : [];
	await withLab({ backend: comet ? backend : null }, async (lab) => {
		const [said, gold, source = null] = lab.share(paths);
		const files = { hypotheses: said, references: gold, sources: source };
		const result = comet
			? await lab.call('scoreWithComet', { ...files, model: lab.share(estimator) })
			: await lab.call('score', { ...files, metric });
		print(json, result, summary(result));
	});
}
