/** A dataset and a data spec -> training and held-out sequences. */
import { namedError } from '../contract/errors.ts';
import { countLeftOut, type LeftOutRow } from '../contract/leftOut.ts';
import type { InstructionRow } from '../contract/library.ts';
import type { DataSpec } from '../contract/spec.ts';
import type { TokenBlock } from '../contract/training.ts';
import type { PreparedData } from '../contract/dataApi.ts';
import type { ChatTemplate } from './chatTemplate.ts';
import {
	firstSequences,
	hasTargets,
	packRows,
	packSegments,
	packStream,
	withTargets,
} from './pack.ts';
import { tokenizeRows, type TokenRow } from './tokenRows.ts';
import type { TextTokenizer } from './tokenizer.ts';

export interface PrepareInput {
	/** Name of the dataset, for messages. */
	readonly name: string;
	readonly rows: readonly InstructionRow[];
	readonly data: DataSpec;
	readonly tokenizer: TextTokenizer;
	/** The token written behind every row, and the padding. */
	readonly endToken: number;
	/** Of the model; null where it has none. */
	readonly chatTemplate: ChatTemplate | null;
	/** Longest sequence the model takes. */
	readonly contextLength: number;
}

/**
 * Tokenises and packs. Order is the order of the file: shuffling is the trainer's. The last `heldOut.rows` rows are
 * never trained on; of their sequences the first `heldOut.sequences` are kept (all where there are fewer).
 * Throws `BadInput` naming dataset and row where ranges overlap or a row, or the data, do not fit the sequences.
 */
export async function prepareData(
	input: PrepareInput,
	onProgress: (done: number, total: number) => void,
): Promise<PreparedData> {
	const { rows, data } = input;
	const ranges = splitRows(input);
	const total = ranges.train.to - ranges.train.from + rows.length - ranges.heldOut;
	const tokenize = (from: number, to: number, before: number) =>
		tokenizeRows(
			rows.slice(from, to),
			input,
			(index) => `dataset "${input.name}", row ${from + index + 1}`,
			(done) => {
				onProgress(before + done, total);
			},
		);
	const trainRows = await tokenize(ranges.train.from, ranges.train.to, 0);
	const heldOutRows = await tokenize(ranges.heldOut, rows.length, trainRows.length);
	const train = pack(input, trainRows, ranges.train.from, 'training part');
	const heldOut =
		heldOutRows.length === 0 ? null : pack(input, heldOutRows, ranges.heldOut, 'held-out part');
	return {
		train,
		heldOut: heldOut && firstSequences(heldOut, data.heldOut.sequences ?? heldOut.count),
		rows: trainRows.length,
		tokens: trainRows.reduce((sum, row) => sum + wholeLength(row, data), 0),
		cutRows: trainRows.filter(({ textTokens }) => textTokens > data.rowTokens).length,
		notes: notesOf([...trainRows, ...heldOutRows]),
		leftOut: countLeftOut(total, [
			...untaught(trainRows, data, ranges.train.from),
			...untaught(heldOutRows, data, ranges.heldOut),
		]),
	};
}

/** What the rows had that the lab puts there itself. */
function notesOf(rows: readonly TokenRow[]): string[] {
	const begin = rows.filter(({ written }) => written.begin).length;
	const end = rows.filter(({ written }) => written.end).length;
	return [
		...(begin > 0
			? [`${begin} of ${rows.length} rows begin with the begin token; they have it once`]
			: []),
		...(end > 0 ? [`${end} of ${rows.length} rows end with the end token; they have it once`] : []),
	];
}

/** Tokens of a row before it was cut, with the end-of-sequence token where it has one. */
const wholeLength = ({ textTokens }: TokenRow, { template }: DataSpec): number =>
	textTokens + (template === 'chat' ? 0 : 1);

/** Rows of a part that teach nothing; `firstRow` counts from 0. */
function untaught(rows: readonly TokenRow[], data: DataSpec, firstRow: number): LeftOutRow[] {
	const all = rows.reduce((sum, { ids }) => sum + ids.length, 0);
	const used = data.packing === 'stream' ? all - (all % data.sequenceLength) : all;
	let at = 0;
	return rows.flatMap((row, index): LeftOutRow[] => {
		const begin = at;
		at += row.ids.length;
		const isBehind = begin >= used;
		if (!isBehind && hasTargets(row)) return [];
		return [
			{
				row: firstRow + index + 1,
				why: isBehind ? 'behind the last whole sequence' : why(row, data),
			},
		];
	});
}

const why = ({ textTokens }: TokenRow, { rowTokens }: DataSpec): string =>
	textTokens > rowTokens
		? `with nothing to predict in their first ${rowTokens} tokens`
		: 'with nothing to predict';

/** Checks the ranges; `heldOut` is the first held-out row. */
function splitRows({ name, rows, data, contextLength }: PrepareInput) {
	const bad = (problem: string) => namedError('BadInput', `dataset "${name}": ${problem}`);
	if (data.sequenceLength > contextLength) {
		throw bad(
			`sequences of ${data.sequenceLength} tokens are longer than the model's context of ${contextLength}; ` +
				'lower the sequence length',
		);
	}
	if (data.sequenceLength < 2) throw bad('a sequence of 1 token predicts nothing; take 2 or more');
	const heldOut = rows.length - data.heldOut.rows;
	if (heldOut <= 0) {
		throw bad(
			`${data.heldOut.rows} of ${rows.length} rows are held out, none is left to train on; hold out fewer`,
		);
	}
	const [from, to] = data.rows ?? [0, heldOut];
	if (from >= to) throw bad(`rows ${from} to ${to} are none; the first must be below the end`);
	if (to > heldOut) {
		throw bad(
			`rows ${from} to ${to} reach into the held-out rows, which begin at ${heldOut} of ${rows.length}; ` +
				`end at ${heldOut} or hold out fewer`,
		);
	}
	return { train: { from, to }, heldOut };
}

/** Packs and leaves out what has no target. Throws `BadInput` where nothing is left. */
function pack(input: PrepareInput, rows: TokenRow[], firstRow: number, part: string): TokenBlock {
	const packed = packAll(input, rows, firstRow, part);
	const block = withTargets(packed);
	if (block.count > 0) return block;
	throw namedError(
		'BadInput',
		`dataset "${input.name}", ${part}: none of ${packed.count} sequences has a token to predict; ` +
			'keep more tokens of a row, take longer sequences, or grade every word',
	);
}

function packAll(
	input: PrepareInput,
	rows: TokenRow[],
	firstRow: number,
	part: string,
): TokenBlock {
	const { name, data, endToken, contextLength } = input;
	const { sequenceLength } = data;
	if (data.packing !== 'stream') {
		const packWhole = data.packing === 'segments' ? packSegments : packRows;
		return packWhole(rows, sequenceLength, endToken, (index, tokens) =>
			namedError(
				'BadInput',
				`dataset "${name}", row ${firstRow + index + 1}: ${tokens} tokens, a sequence holds ${sequenceLength} ` +
					`(the model's context is ${contextLength}); cut rows to ${sequenceLength - 1} tokens, or pack as stream`,
			),
		);
	}
	const block = packStream(rows, sequenceLength);
	if (block.count > 0) return block;
	const tokens = rows.reduce((sum, { ids }) => sum + ids.length, 0);
	throw namedError(
		'BadInput',
		`dataset "${name}", ${part}: ${tokens} tokens do not fill one sequence of ${sequenceLength}; ` +
			'take more rows or shorter sequences',
	);
}
