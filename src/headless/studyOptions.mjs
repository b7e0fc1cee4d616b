/** Options of `lab study`. */
import { languageNames, layout, taskNames } from './dataFolder.mjs';
import { choice, integer, list, mapping, namesOf, positive, range } from './parse.mjs';
import { study } from './study.mjs';

const figureNames = Array.from({ length: 9 }, (_, i) => `figure-${i + 1}`);

/** Of `study figure-1,figure-3`: the options of a run are there already. */
export function studyCommand(command) {
	return command
		.description('figures of the paper: train and measure what they need and is not stored yet')
		.argument('<figures>', `one or several of ${figureNames.join(', ')}`, namesOf(figureNames))
		.option('--model <dir>', 'Hugging Face folder, or demo for the bundled model and its data')
		.option('--data <file>', 'texts to learn: Alpaca JSON or JSONL, or rows with a text only')
		.option('--columns <names>', 'columns of the data: instruction,input,output', mapping)
		.option(
			'--tasks <names>',
			'what is measured: words, translation, sentiment, exam',
			namesOf(taskNames),
		)
		.option('--task-data <dir>', 'folder with the files of --tasks, laid out as below')
		.option('--items <from:to>', 'items of each test set that are measured (default: all)', range)
		.option('--runs <n>', 'evaluation runs with other examples', positive, 3)
		.option('--shot-seed <n>', 'seed of the examples', integer, 3407)
		.option('--texts <file>', 'known languages, for language-specific neurons: a column each')
		.option('--text-columns <names>', 'two columns of --texts or more', list)
		.addOption(
			choice(
				'--language <name>',
				'new language (default: that of the figure, else javanese)',
				languageNames,
			),
		)
		.option(
			'--seeds <n>',
			'trainings of each run, with seeds from --seed (default 1) on',
			positive,
			1,
		)
		.addOption(
			choice('--cogsym-step <n>', 'layers CogSym’s sweep grows by', ['2', '4']).default('4'),
		)
		.option('--budget <k>', 'layers where a figure has one budget (default: a quarter)', positive)
		.option('--points <ids>', 'runs (default: all), for example base,front-2,full', list)
		.addOption(
			choice('--backend <name>', 'device that computes', ['auto', 'webgpu', 'wasm']).default(
				'auto',
			),
		)
		.option('--workers <n>', 'runs side by side on wasm (default: one per core)', positive)
		.option('--profile <dir>', 'browser profile that keeps everything, to go on later')
		.option('--json <file>', 'write rows, specifications, environments and receipts')
		.option('--report <dir>', 'write figures as SVG, rows as CSV and JSON, and an HTML report')
		.addHelpText('after', layout.replace('--data DIR', '--task-data DIR'))
		.action(study);
}
