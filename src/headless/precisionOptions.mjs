// Options that say in what the weights of a run are kept.
import { Option } from 'commander';

const choice = (flags, kept, formats) =>
	new Option(flags, `what ${kept} weights are kept in (default: f32, all WASM has)`).choices(
		formats,
	);

/** Adds `--frozen` and `--trainable`. */
export const precisionOptions = (command) =>
	command
		.addOption(choice('--frozen <format>', 'frozen', ['f32', 'bf16', 'int8', 'nf4', 'nf4-double']))
		.addOption(choice('--trainable <format>', 'trained', ['f32', 'bf16', 'bf16-stochastic']));
