import { expect, test } from 'vitest';
import * as v from 'valibot';
import { RunSpecSchema } from '../contract/spec.ts';
import { toInstructionRows } from '../data/alpaca.ts';
import { guessMapping } from '../data/columnNames.ts';
import { prepareData } from '../data/prepare.ts';
import { parseTable } from '../data/table.ts';
import { createTokenizer } from '../data/tokenizer.ts';
import { parseConfig } from '../weights/config.ts';
import { parameterShapes } from '../engine/model/recipe.ts';
import { openTensors } from '../weights/safetensors.ts';
import { initialWeights } from './initialWeights.ts';
import * as pretraining from './pretraining.ts';
import { baseConfig, pretrainingPhases, pretrainingRun, seeds } from './recipe.ts';

const specOf = (steps: number, phase = 0) =>
	v.parse(RunSpecSchema, {
		...pretrainingRun(phase, steps),
		model: 'm',
		recompute: 'auto',
		data: { ...pretrainingRun(phase, steps).data, dataset: 'd', rows: null },
	});

test('the recipe is a valid run; a shorter one warms up for the same share', () => {
	for (const [phase, { steps, learningRate }] of pretrainingPhases.entries()) {
		const spec = specOf(steps, phase);
		expect(spec.optimizer.learningRate).toBe(learningRate);
		expect(spec.schedule.warmupSteps).toBe(Math.min(150, 0.06 * steps));
	}
	expect(specOf(100).schedule.warmupSteps).toBe(6);
	expect(specOf(4).schedule.warmupSteps).toBe(0);
});

test('the model fits its tokenizer and its sequences, and in bf16 8 MB', async () => {
	const json = pretraining.folderJson();
	const config = parseConfig(json['config.json'], 'config.json');
	const tokenizer = createTokenizer(json['tokenizer.json'], json['tokenizer_config.json']);
	expect(config.vocabularySize).toBe(tokenizer.vocabularySize);
	expect(config.bosTokenId).toBe(tokenizer.bosTokenId);
	expect(config.eosTokenIds).toEqual([tokenizer.eosTokenId]);
	expect(specOf(1).data.sequenceLength).toBeLessThanOrEqual(config.contextLength);
	const parameters = parameterShapes(parseConfig(baseConfig, 'config.json'))
		.map(({ shape }) => shape.reduce((product, length) => product * length, 1))
		.reduce((sum, size) => sum + size, 0);
	const trained = new Uint8Array(Buffer.concat(pretraining.initialSafetensors()));
	const shipped = Buffer.concat(await pretraining.shippedSafetensors(trained));
	expect(trained.length).toBeGreaterThan(4 * parameters);
	expect(shipped.length).toBeGreaterThan(2 * parameters);
	expect(shipped.length).toBeLessThan(8e6);
	const read = await openTensors([
		{
			name: 'model.safetensors',
			size: shipped.length,
			read: (begin, end) => Promise.resolve(shipped.subarray(begin, end)),
		},
	]);
	const [exact] = initialWeights(parseConfig(baseConfig, 'config.json'), seeds.weights);
	const rounded = await read.read(exact!.name);
	const worst = exact!.data.reduce(
		(most, value, i) => Math.max(most, Math.abs(rounded[i]! / value - 1)),
		0,
	);
	expect(worst).toBeLessThan(2 ** -8);
	expect(worst).toBeGreaterThan(2 ** -9);
});

test('the corpus is plain text, the same every time, and lasts for every update', async () => {
	const steps = 60;
	const text = pretraining.corpus(0, steps);
	expect(pretraining.corpus(0, steps)).toBe(text);
	expect(pretraining.corpus(1, steps)).not.toContain(text.slice(0, 1000));
	const table = parseTable(new TextEncoder().encode(text), 'corpus.jsonl');
	const { rows } = toInstructionRows(table, guessMapping(table.columns)!, 'corpus.jsonl');
	const json = pretraining.folderJson();
	const tokenizer = createTokenizer(json['tokenizer.json'], json['tokenizer_config.json']);
	const spec = specOf(steps);
	const prepared = await prepareData(
		{
			...{ name: 'corpus', rows, data: spec.data, tokenizer },
			...{ endToken: 2, contextLength: 160, chatTemplate: null },
		},
		() => undefined,
	);
	expect(prepared.cutRows).toBe(0);
	expect(prepared.train.count).toBeGreaterThanOrEqual(steps * spec.batch.size);
	expect(prepared.heldOut!.count).toBeGreaterThan(60);
});
