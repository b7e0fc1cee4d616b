/**
 * `npm run bench -- packing`: real Javanese pairs with a real checkpoint, everything trains, wasm with one thread: how many
 * targets a second each way to fill sequences gives. The ways take turns, so that whatever slows the machine slows them alike.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { DataSpec, RunSpec } from '../../src/contract/spec.ts';
import type { TokenBlock } from '../../src/contract/training.ts';
import { toInstructionRows } from '../../src/data/alpaca.ts';
import { guessMapping } from '../../src/data/columnNames.ts';
import { prepareData } from '../../src/data/prepare.ts';
import { parseTable } from '../../src/data/table.ts';
import { createTokenizer } from '../../src/data/tokenizer.ts';
import { openBrowser, runInPage } from './drive.ts';
import { machine } from './machine.ts';
import type { RunsJob } from './page/api.ts';
import { baseSpec, MODEL, modelFiles } from './runs.ts';

const DATA = '../shared/data/alpaca/javanese_oasst1_pairs.json';
const WAYS = ['rows', 'bucketed', 'segments'] as const;
/** Pairs of at most so many characters: longer ones fill a sequence by themselves. */
const LONGEST = 300;
const ROUNDS = 4;
const UPDATES = 6;

async function prepared(
	packing: DataSpec['packing'],
): Promise<{ spec: RunSpec; train: TokenBlock }> {
	const table = parseTable(await readFile(DATA), DATA);
	const mapping = guessMapping(table.columns);
	if (mapping === null) throw new Error(`${DATA}: no columns of instruction and output`);
	const { rows: all } = toInstructionRows(table, mapping, DATA);
	const rows = all.filter(
		({ instruction, input, output }) => `${instruction}${input}${output}`.length < LONGEST,
	);
	const json = async (name: string): Promise<unknown> =>
		JSON.parse(await readFile(`${MODEL}/${name}`, 'utf8'));
	const tokenizer = createTokenizer(
		await json('tokenizer.json'),
		await json('tokenizer_config.json'),
	);
	const data: DataSpec = {
		...baseSpec.data,
		packing,
		loss: 'response',
		sequenceLength: 512,
		rowTokens: 511,
		order: 'shuffled',
	};
	const model = { tokenizer, endToken: 2, contextLength: 512, chatTemplate: null };
	const input = { name: 'pairs', rows, data, ...model };
	const { train } = await prepareData(input, () => undefined);
	return { spec: { ...baseSpec, data, batch: { size: 4, accumulation: 1 } }, train };
}

async function runOf(packing: DataSpec['packing']): Promise<RunsJob['runs'][number]> {
	const { spec, train } = await prepared(packing);
	const { positions, inputIds, targets, ...sizes } = train;
	const sequences = {
		...sizes,
		inputIds: [...inputIds],
		targets: [...targets],
		...(positions && { positions: [...positions] }),
	};
	return { name: packing, spec, sequences };
}

export async function run(options: { json: string | null }): Promise<void> {
	for (const path of [MODEL, DATA])
		if (!existsSync(path))
			throw new Error(`${path} is not there; this bench needs the reference data`);
	const files = await modelFiles();
	const runs = await Promise.all(WAYS.map(runOf));
	const updates = { calibration: 0, measured: UPDATES };
	const browser = await openBrowser();
	const sums = new Map(WAYS.map((way) => [way as string, { targets: 0, places: 0, seconds: 0 }]));
	try {
		const page = await browser.newPage();
		for (let round = 0; round < ROUNDS; round++) {
			// Other sequences in every round.
			const turn = runs.map((one) => ({ ...one, spec: { ...one.spec, seed: 1 + round } }));
			const backend = 'wasm';
			for (const one of await runInPage(page, 'runs', { backend, files, runs: turn, updates })) {
				const sum = sums.get(one.name);
				if (sum === undefined) continue;
				sum.targets += one.targets;
				sum.places += one.places;
				sum.seconds += one.seconds.reduce((a, b) => a + b, 0);
			}
		}
		const rows = [...sums].map(([name, { targets, places, seconds }]) => ({
			name: `packing/wasm/${name}`,
			targets,
			places,
			seconds,
			targetsPerSecond: targets / seconds,
		}));
		const [plain] = rows;
		for (const { name, targetsPerSecond, places, targets } of rows)
			console.log(
				`${name.padEnd(24)} ${targetsPerSecond.toFixed(0)} targets/s ` +
					`(${(targetsPerSecond / (plain?.targetsPerSecond ?? NaN)).toFixed(2)} x rows), ` +
					`${(places / targets).toFixed(2)} places for each`,
			);
		if (options.json !== null) {
			const result = { ...(await machine(browser.version)), longest: LONGEST, rows };
			await writeFile(options.json, `${JSON.stringify(result, null, '\t')}\n`);
		}
	} finally {
		await browser.close();
	}
}
