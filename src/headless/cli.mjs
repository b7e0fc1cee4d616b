/** The command line: commands, options and their meaning. What a command does is in commands.mjs. */
import { Command } from 'commander';
import { optimizerKinds, optimizers } from '../contract/optimizers.mjs';
import { generate, train, verify } from './commands.mjs';
import { demo } from './demo.mjs';
import { evaluateCommand } from './evaluateOptions.mjs';
import { libraryCommand } from './libraryOptions.mjs';
import {
	choice,
	columnsOf,
	heldOut,
	integer,
	integers,
	list,
	mapping,
	number,
	positive,
	range,
} from './parse.mjs';
import { muonOptions } from './muonOptions.mjs';
import { precisionOptions } from './precisionOptions.mjs';
import { pretrainDemo } from './pretrainDemo.mjs';
import { scoreCommand } from './scoreOptions.mjs';
import { select } from './select.mjs';
import { studyCommand } from './studyOptions.mjs';
import { tokenizeCommand } from './tokenize.mjs';

const shared = (command) =>
	command
		.addOption(
			choice('--backend <name>', 'device that computes', ['auto', 'webgpu', 'wasm']).default(
				'auto',
			),
		)
		.option('--json', 'print JSON on standard output and nothing else');

/** Options that make a run one of adapters. */
function loraOptions(command) {
	return command
		.option(
			'--lora <rank>',
			'train low-rank adapters of the chosen layers, not the layers',
			positive,
		)
		.option('--lora-alpha <x>', 'scale of the adapters times the rank (default: the rank)', number)
		.addOption(
			choice('--lora-scaling <kind>', 'divide alpha by the rank or by its root', [
				'standard',
				'rank-stabilised',
			]),
		)
		.option('--lora-dropout <x>', 'share of an adapter’s inputs dropped in training', number)
		.option('--lora-targets <names>', 'linear layers with adapters (default: all seven)', list);
}

const packings = ['rows', 'bucketed', 'segments', 'stream'];

function optimizerOptions(command) {
	return command
		.addOption(
			choice(
				'--optimizer <kind>',
				Object.values(optimizers)
					.map(({ label }) => label)
					.join(', or '),
				optimizerKinds,
			),
		)
		.addOption(
			choice('--moments <kind>', 'with --then: what a tensor that trained before begins with', [
				'fresh',
				'carried',
			]),
		)
		.option('--learning-rate <x>', 'peak learning rate', number)
		.addOption(
			choice('--schedule <kind>', 'learning rate over time', [
				'constant',
				'linear',
				'cosine',
				'huggingface-linear',
			]),
		)
		.option('--warmup <n>', 'updates of warm-up', integer)
		.option('--beta1 <x>', 'decay of the first moment', number)
		.option('--beta2 <x>', 'decay of the second moment', number)
		.option('--epsilon <x>', 'added to the root of the second moment', number)
		.option('--weight-decay <x>', 'decoupled weight decay', number)
		.addOption(choice('--decay <which>', 'tensors that decay', ['all', 'matrices']))
		.option('--clip <x>', 'largest global gradient norm, 0: no clipping', number);
}

/** Options that state fields of the run specification. */
function specOptions(command) {
	return muonOptions(optimizerOptions(command))
		.addOption(
			choice('--select <method>', 'layers to train', [
				'full',
				'front',
				'rear',
				'cogsym',
				'position',
			]),
		)
		.option('--k <n>', 'number of layers of the selection', integer)
		.option('--position <p>', 'with --select position: steps inwards', integer)
		.option('--layers <list>', 'train exactly these layers, for example 0,1', integers)
		.option(
			'--then <methods>',
			'with --k: front, rear or cogsym, trained one after the other then',
			list,
		)
		.option('--embedding', 'with --layers: train the embedding')
		.option('--head', 'with --layers: train the head')
		.option('--final-norm', 'with --layers: train the final norm')
		.option('--steps <n>', 'updates', integer)
		.option('--batch <n>', 'sequences of a micro-batch', integer)
		.option('--accumulation <n>', 'micro-batches of an update', integer)
		.option('--length <n>', 'tokens of a sequence', integer)
		.option('--row-tokens <n>', 'tokens kept of one row', integer)
		.addOption(
			choice(
				'--template <name>',
				"prompt template; chat: the model's own (default for rows that are chats)",
				['unsloth', 'stanford', 'plain', 'chat'],
			),
		)
		.addOption(
			choice(
				'--loss <name>',
				"which tokens are targets; response of a chat: the assistant's turns",
				['all', 'response'],
			),
		)
		.addOption(choice('--packing <name>', 'how rows fill sequences', packings))
		.addOption(choice('--order <name>', 'order of sequences', ['sequential', 'shuffled']))
		.option('--rows <from:to>', 'rows used for training', range)
		.option('--held-out <rows:sequences>', 'last rows kept out, sequences measured', heldOut)
		.option('--seed <n>', 'seed of order and sampling', integer)
		.addOption(choice('--recompute <when>', 'recompute blocks', ['auto', 'always', 'never']))
		.option('--checkpoint-every <n>', 'updates between checkpoints', integer)
		.option('--untie', 'give a tied head a matrix of its own')
		.option('--no-untie', 'keep a tied head tied')
		.option('--spec <file>', 'JSON with fields of the specification; flags go before it');
}

function demoOptions(command) {
	return command
		.addOption(
			choice('--study <name>', 'what to find out', [
				'headline',
				'layers',
				'front-rear',
				'lora',
				'sequential',
			]).default('headline'),
		)
		.option('--languages <names>', 'new languages', list, ['javanese', 'sundanese'])
		.option('--seeds <n>', 'adaptation seeds 1 to n', positive, 1)
		.option('--points <ids>', 'points of the study (default: all)', list)
		.option('--model <dir>', 'Hugging Face folder in place of the bundled base model')
		.addOption(
			choice('--draw <name>', 'items to choose recipes on, or those of reported figures', [
				'choose',
				'report',
			]).default('report'),
		)
		.option('--learning-rate <x>', 'peak learning rate of every point', number)
		.option('--steps <n>', 'updates of every point', positive)
		.option('--probe-every <n>', 'updates between two probes', positive)
		.addOption(
			choice('--backend <name>', 'device that computes', ['auto', 'webgpu', 'wasm']).default(
				'auto',
			),
		)
		.option(
			'--workers <n>',
			'points trained side by side on wasm (default: one per core)',
			positive,
		)
		.option('--profile <dir>', 'browser profile that keeps finished runs')
		.option('--json <file>', 'write every number to a file');
}

function selectCommand(command) {
	command
		.description('score the layers of a model by its data, its texts or its weights, and rank them')
		.addOption(
			choice('--method <name>', 'what the scores are made of', [
				'fisher',
				'lape',
				'heavy-tail',
			]).makeOptionMandatory(),
		)
		.option('--model <dir>', 'Hugging Face folder')
		.option('--k <n>', 'layers to choose (default: a quarter)', positive)
		.option('--data <file>', 'fisher: Alpaca JSON, JSONL or Parquet, or rows with a text only')
		.option('--texts <file>', 'lape: CSV or JSON with one column per language')
		.option(
			'--columns <names>',
			'of --data: instruction,input,output; of --texts: two languages or more',
		)
		.option('--rows <n>', 'fisher: first rows of the data', positive, 250)
		.addOption(
			choice('--aggregation <name>', 'fisher: how the parameters of a layer make one number', [
				'sum',
				'mean',
				'frobenius',
			]).default('sum'),
		)
		.addOption(
			choice('--cut <name>', 'heavy-tail: where the tail begins', ['median', 'peak']).default(
				'median',
			),
		)
		.option('--published', 'lape, heavy-tail: published scores of Llama-2-7B; no model is read')
		.action((options) =>
			select({ ...options, columns: columnsOf(options.method, options.columns) }),
		);
}

function program(prepare) {
	const commands = new Command('lab')
		.description('Train, measure and verify Llama-family models with the lab’s own page, headless.')
		.showHelpAfterError()
		.hook('preAction', prepare);
	shared(commands.command('verify'))
		.description('compare a model with a PyTorch reference file; fails past tolerance')
		.requiredOption('--model <dir>', 'Hugging Face folder, or that of a COMET estimator')
		.option('--adapter <dir>', 'compare it with this adapter on (PEFT folder)')
		.requiredOption('--reference <file>', 'reference file (JSON)')
		.action(verify);
	shared(commands.command('generate'))
		.description('continue a prompt')
		.requiredOption('--model <dir>', 'Hugging Face folder')
		.option('--prompt <text>', 'text to continue', '')
		.option('--maximum-tokens <n>', 'tokens to make', positive, 100)
		.option('--temperature <x>', '0: always the most probable token', number, 0)
		.option('--top-p <x>', 'sample from the most probable tokens of this mass', number, 1)
		.option('--seed <n>', 'seed of sampling', integer, 0)
		.action(generate);
	precisionOptions(loraOptions(specOptions(shared(commands.command('train')))))
		.description('adapt chosen layers of a model to a dataset and measure the held-out loss')
		.option('--model <dir>', 'Hugging Face folder')
		.option('--data <file>', 'Alpaca JSON, JSONL or Parquet, or rows with a text only')
		.option('--columns <names>', 'columns of the data: instruction,input,output', mapping)
		.option('--profile <dir>', 'browser profile that keeps models and runs')
		.option('--resume <run>', 'continue a run of the profile')
		.option('--forecast', 'only say what it would take: bytes, and time by three updates')
		.option('--memory <GB>', 'refuse beforehand what needs more of the device', number)
		.option(
			'--export <file>',
			'write the changed tensors: safetensors, or with LoRA a tar of PEFT’s folder',
		)
		.action(train);
	evaluateCommand(shared(commands.command('evaluate')));
	scoreCommand(shared(commands.command('score')));
	selectCommand(shared(commands.command('select')));
	libraryCommand(commands.command('library'));
	tokenizeCommand(commands.command('tokenize'));
	shared(commands.command('pretrain-demo'))
		.description('make the demo’s base model: train it from random weights, write its folder')
		.option('--steps <n>', 'updates (default: the full recipe)', positive)
		.option('--out <dir>', 'folder to write (default: public/demo)')
		.action(pretrainDemo);
	studyCommand(loraOptions(specOptions(commands.command('study'))));
	demoOptions(commands.command('demo'))
		.description('run a study of the bundled demo and print its table')
		.action(demo);
	return commands;
}

/** Parses and runs; `prepare` is awaited before a command starts, so that help and mistakes cost nothing. */
export async function parseCommandLine(argv, prepare) {
	await program(prepare).parseAsync(argv);
}
