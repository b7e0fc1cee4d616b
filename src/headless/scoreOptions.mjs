/** Options of `lab score` and their meaning. */
import { Option } from 'commander';
import { score } from './score.mjs';

export function scoreCommand(command) {
	command
		.description('score translations or labels, one on each line, against references')
		.addOption(
			new Option('--metric <name>', 'as sacrebleu 2.6 has it; macro-f1 is of labels')
				.choices(['bleu', 'chrf', 'chrf++', 'macro-f1', 'comet'])
				.makeOptionMandatory(),
		)
		.requiredOption('--hypotheses <file>', 'what was said')
		.requiredOption('--references <file>', 'what should have been')
		.option('--sources <file>', 'what was translated: must have as many lines; comet needs it')
		.option('--model <dir>', 'comet: folder of COMET-22')
		.action(score);
}
