/** Options of `lab evaluate` and their meaning. */
import { languageNames, layout, taskNames } from './dataFolder.mjs';
import { evaluate } from './evaluate.mjs';
import { integer, list, namesOf, pair, positive, range } from './parse.mjs';

const ownTables = `
--test FILE measures one of words, translation, sentiment, exam on a table of your own, with these columns:
  words        two languages, and if there is one the English word: jawa,inggris,inggris; accepted forms separated by ;
  translation  two languages; --train FILE has sentences to show
  sentiment    text, label; --train FILE has examples of every label
  exam         question, options (one column with lines A. ..., or a column for each), letter of the right one;
               --train FILE has questions to show, else the questions show one another
--names says what prompts call the two languages, or the subject of the exam.`;

export function evaluateCommand(command) {
	modelOptions(command)
		.option(
			'--tasks <names>',
			'of words, translation, sentiment, exam, retention; needs --data or --test',
			namesOf(taskNames),
		)
		.option('--data <dir>', 'folder with the files of --tasks, laid out as below')
		.option(
			'--languages <names>',
			'new languages of --tasks',
			namesOf(languageNames),
			languageNames,
		)
		.option('--test <file>', 'CSV, JSON or Parquet of your own in place of --data, for one task')
		.option('--train <file>', 'with --test: what is shown')
		.option(
			'--columns <names>',
			'columns of --test as below; of --texts: one for each language',
			list,
		)
		.option('--names <names>', 'with --test: what prompts call the languages or the subject', list)
		.option(
			'--shots <n>',
			'examples shown, of sentiment for each class (default: the paper’s)',
			integer,
		)
		.option('--lens', 'with --tasks words: what each layer says of the next token (logit lens)')
		.option('--comet <dir>', 'folder of COMET-22: scores translations with it')
		.option('--texts <file>', 'CSV or JSON with one column per language: loss per token')
		.option('--rows <from:to>', 'rows of --texts, items of each test set of --tasks', range)
		.option('--sentiment <train,test>', 'two CSV files with columns text and label', pair)
		.option(
			'--language <name>',
			'name of the sentiment language (default: folder of the test file)',
		)
		.option('--sentiment-rows <from:to>', 'rows of the sentiment test file', range)
		.option('--runs <n>', 'repetitions with other examples', positive, 3)
		.option('--seed <n>', 'seed of the examples', integer, 3407)
		.option('--predictions <file>', 'write every answer with its exact prompt: .csv or .jsonl')
		.addHelpText('after', layout + ownTables)
		.action(evaluate);
}

const modelOptions = (command) =>
	command
		.description('the tasks of the paper on your own data; loss per token of texts')
		.option('--model <dir>', 'Hugging Face folder')
		.option('--profile <dir>', 'browser profile that keeps models and runs')
		.option('--run <id>', 'measure a run of the profile against its base');
