/** Options of `lab library` and their meaning. */
import { library } from './library.mjs';

export function libraryCommand(command) {
	command
		.description('say what a profile keeps; save it as one file, or bring it back from one')
		.requiredOption('--profile <dir>', 'browser profile that keeps models and runs')
		.option('--save <file>', 'write records, datasets, runs and checkpoints into a tar archive')
		.option('--no-checkpoints', 'with --save: results without weights')
		.option('--load <file>', 'bring back what the profile lacks from such an archive')
		.option('--bring-back', 'bring back what the profile lacks from the mirror in it')
		.option('--json', 'print JSON on standard output and nothing else')
		.action(library);
}
