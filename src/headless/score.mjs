/** `lab score`: its options, and what it does outside the page. */
import { Option } from 'commander';
import { file, print, withLab } from './drive.mjs';

function summary({ metric, score, signature, lines }) {
	const about = [`${lines} lines`, ...(signature ? [signature] : [])].join('; ');
	return `${metric} ${score.toFixed(4)} (${about})`;
}

async function score({ metric, hypotheses, references, sources, json }) {
	const paths = [hypotheses, references, ...(sources ? [sources] : [])].map(file);
	await withLab({ backend: null }, async (lab) => {
		const [said, gold, source = null] = lab.share(paths);
		const request = { metric, hypotheses: said, references: gold, sources: source };
		const result = await lab.call('score', request);
		print(json, result, summary(result));
	});
}

export function scoreCommand(command) {
	command
		.description('score translations or labels, one on each line, against references')
		.addOption(
			new Option('--metric <name>', 'as sacrebleu 2.6 has it; macro-f1 is of labels')
				.choices(['bleu', 'chrf', 'chrf++', 'macro-f1'])
				.makeOptionMandatory(),
		)
		.requiredOption('--hypotheses <file>', 'what was said')
		.requiredOption('--references <file>', 'what should have been')
		.option('--sources <file>', 'what was translated: must have as many lines')
		.option('--json', 'print JSON on standard output and nothing else')
		.action(score);
}
