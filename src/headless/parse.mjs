/** Options of the command line from text: numbers, lists, ranges. Each throws `InvalidArgumentError` saying what is wrong. */
import { InvalidArgumentError, Option } from 'commander';

export const list = (text) => text.split(',').map((item) => item.trim());

export function number(text) {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('not a number');
	return value;
}

export function integer(text) {
	const value = number(text);
	if (!Number.isInteger(value) || value < 0)
		throw new InvalidArgumentError('not a whole number of at least 0');
	return value;
}

export function positive(text) {
	const value = integer(text);
	if (value === 0) throw new InvalidArgumentError('not a whole number of at least 1');
	return value;
}

/** A list of these names. */
export const namesOf = (known) => (text) => {
	const names = list(text);
	const other = names.find((name) => !known.includes(name));
	if (other === undefined) return names;
	throw new InvalidArgumentError(`"${other}" is none of ${known.join(', ')}`);
};

export const integers = (text) => list(text).map(integer);

/** `10:20` or `:20`: [10, 20], [0, 20]. */
export function range(text) {
	const parts = text.split(':');
	if (parts.length !== 2) throw new InvalidArgumentError('write it as from:to, for example 0:60');
	const [from, to] = [integer(parts[0] || '0'), integer(parts[1])];
	if (from >= to) throw new InvalidArgumentError('it must end after its beginning');
	return [from, to];
}

/** `60:64` or `60`: rows kept out of training, and how many of their sequences are measured. */
export function heldOut(text) {
	const [rows, sequences] = text.split(':');
	return { rows: integer(rows), sequences: sequences === undefined ? null : integer(sequences) };
}

export function pair(text) {
	const paths = list(text);
	if (paths.length !== 2) throw new InvalidArgumentError('name two files: TRAIN.csv,TEST.csv');
	return paths;
}

export function mapping(text) {
	const names = list(text);
	if (names.length !== 3)
		throw new InvalidArgumentError(
			'name three columns: instruction,input,output (input may be empty; for plain text: ,,text)',
		);
	return { instruction: names[0] || null, input: names[1] || null, output: names[2] };
}

/** Of `lab select`: those of a dataset, or languages. */
export function columnsOf(method, text) {
	if (text === undefined) return undefined;
	return method === 'fisher' ? mapping(text) : list(text);
}

export const choice = (flags, description, choices) =>
	new Option(flags, description).choices(choices);
