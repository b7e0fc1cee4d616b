// Options of Muon, with --optimizer muon.
import { choice, number, positive } from './parse.mjs';

export const muonOptions = (command) =>
	command
		.option('--muon-learning-rate <x>', 'with Muon: peak learning rate of its matrices', number)
		.addOption(
			choice('--muon-adjustment <rule>', 'with Muon: what its learning rate is multiplied by', [
				'original',
				'match_rms_adamw',
			]),
		)
		.option('--muon-momentum <x>', 'with Muon: decay of the mean of the gradients', number)
		.option('--muon-nesterov', 'with Muon: take the mean one gradient further (default)')
		.option('--no-muon-nesterov', 'with Muon: take the mean as it is')
		.option('--newton-schulz <n>', 'with Muon: Newton-Schulz iterations', positive);
