/**
 * What stories260K says to a few items of each task of the paper, one item at a time by a plain decoder:
 *     node e2e/reference/main.mjs
 * reads ../shared/data and writes stories260K.json here anew (minutes). Texts of the data are kept as SHA-256 only.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import { format, resolveConfig } from 'prettier';
import { readCases } from './cases.mjs';
import { openPlainLlama } from './plainLlama.mjs';

const data = '../shared/data';
const folder = `${data}/models/stories260K`;
const output = fileURLToPath(new URL('stories260K.json', import.meta.url));

const readJson = (name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
const vocabulary = readJson('tokenizer.json').model.vocab;
const tokenizer = new Tokenizer(readJson('tokenizer.json'), readJson('tokenizer_config.json'));
const encode = (text) => tokenizer.encode(text).ids;
const decode = (ids) =>
	ids.length === 0
		? ''
		: tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });

const model = openPlainLlama(folder);
const hash = (text) => createHash('sha256').update(text).digest('hex');
const mean = (values) => values.reduce((sum, value) => sum + Number(value), 0) / values.length;

/** Mean and sample deviation over runs; null for a single run. */
function spread(values) {
	const middle = mean(values);
	const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
	return { mean: middle, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

/** Throws where the decision hangs on less than what backends may differ by. */
function largest(values, what) {
	const [best, second] = values.toSorted((a, b) => b - a);
	if (best - second < 1e-3) throw new Error(`${what}: two answers are too near to tell apart`);
	return values.indexOf(best);
}

/** Greedy tokens until one of `marks` is said, an end-of-sequence token, or `most`. */
function greedy(prompt, most, marks) {
	const ids = encode(prompt);
	const made = [];
	while (made.length < most && made.at(-1) !== model.endOfSequence && !marks.test(decode(made))) {
		const all = [...ids, ...made];
		made.push(largest(model.logProbabilities(all, all.length - 1)[0], prompt));
	}
	return { first: made[0], given: decode(made).split(marks)[0].trim() };
}

/** Sum of log p of each option, tokenised together with the prompt, as in running text. */
function scores(prompt, options) {
	const before = encode(prompt);
	return options.map((option) => {
		const whole = encode(`${prompt} ${option}`);
		if (before.some((id, at) => whole[at] !== id))
			throw new Error(`"${option}" changes the tokens of its prompt`);
		const rows = model.logProbabilities(whole, before.length - 1);
		return whole.slice(before.length).reduce((sum, id, at) => sum + rows[at][id], 0);
	});
}

/** Tokens that are a beginning of one of the words, with or without the sign of a space. */
const beginnings = (forms) =>
	Object.entries(vocabulary).flatMap(([token, id]) => {
		const text = token.replace(/^▁/, '');
		return text !== '' && forms.some((form) => form.startsWith(text)) ? [id] : [];
	});

/** Whether the first token begins the word; null where it cannot be told from the English word. */
function begins({ english, target }, first) {
	const [own, inEnglish] = [beginnings(target), beginnings([english])];
	const told = own.length > 0 && inEnglish.length > 0 && !own.some((id) => inEnglish.includes(id));
	return told ? own.includes(first) : null;
}

/** What the model says to the even items counts as right, too: a model this small knows no word. */
function words({ setting, runs }) {
	const [items] = runs;
	const answers = items.map((item, index) => {
		const { first, given } = greedy(item.prompt, 16, /["\n]/);
		const accepted = [...item.target, ...(index % 2 === 0 ? [given] : [])];
		const right = accepted.some((form) => form.toLowerCase() === given.toLowerCase());
		const known = begins({ ...item, target: accepted }, first);
		return { prompt: hash(item.prompt), given: hash(given), right, begins: known };
	});
	const told = answers.map((one) => one.begins).filter((known) => known !== null);
	return {
		...{ ...setting, answers: [answers], told: told.length },
		...{ 'exact-match': spread([mean(answers.map(({ right }) => right))]) },
		...{ 'first-token': spread([mean(told)]) },
	};
}

function translation({ setting, runs }) {
	const answers = runs.map((items) =>
		items.map(({ prompt }) => ({
			prompt: hash(prompt),
			given: hash(greedy(prompt, 256, /\n/).given),
		})),
	);
	return { ...setting, answers };
}

function choices({ setting, runs }, options) {
	const answers = runs.map((items) =>
		items.map(({ prompt, expected }) => {
			const logProbabilities = scores(prompt, options);
			const given = options[largest(logProbabilities, prompt)];
			return { prompt: hash(prompt), logProbabilities, given, expected };
		}),
	);
	return { ...setting, answers };
}

/** Mean over the classes of the harmonic mean of precision and recall, 0 where one of them is. */
function macroF1(answers, labels) {
	const count = (test) => answers.filter(test).length;
	return mean(
		labels.map((label) => {
			const hits = count(({ given, expected }) => given === label && expected === label);
			if (hits === 0) return 0;
			const precision = hits / count(({ given }) => given === label);
			const recall = hits / count(({ expected }) => expected === label);
			return (2 * precision * recall) / (precision + recall);
		}),
	);
}

function sentiment(one) {
	const { labels } = one.setting;
	const made = choices(one, labels);
	return { ...made, 'macro-f1': spread(made.answers.map((run) => macroF1(run, labels))) };
}

function exam(one) {
	const made = choices(one, one.setting.letters);
	const accuracy = (run) => mean(run.map(({ given, expected }) => given === expected));
	return { ...made, accuracy: spread(made.answers.map(accuracy)) };
}

const cases = readCases(data);
const reference = {
	words: words(cases.words),
	translation: translation(cases.translation),
	sentiment: sentiment(cases.sentiment),
	exam: exam(cases.exam),
};
const options = await resolveConfig(output);
writeFileSync(output, await format(JSON.stringify(reference), { ...options, parser: 'json' }));
