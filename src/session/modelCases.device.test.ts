/** Models and adapters whose files disagree, with the numbers of transformers and PEFT on the same folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelSource } from '../contract/model.ts';
import { AdapterReferenceSchema, ReferenceSchema } from '../contract/verification.ts';
import { readTable } from '../data/table.ts';
import { generate } from '../engine/generate.ts';
import type { Ops } from '../engine/ops.ts';
import { verify } from '../engine/verify.ts';
import { verifyAdapter } from '../engine/verifyAdapter.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { measureTextLoss } from '../tasks/textLoss.ts';
import { loadAdapted } from './adapter.ts';
import { languageModel } from './languageModel.ts';
import { loadModel } from './model.ts';
import { folderSources, readJsonFile } from './testing.ts';

const cases = '../shared/cases';
const silent = () => undefined;
let ops: Ops;
beforeAll(async () => {
	ops = await createWasmOps();
});
afterAll(() => {
	ops.dispose();
});

function files(name: string): ModelSource {
	const folder = `${cases}/models/${name}`;
	return {
		kind: 'files',
		files: readdirSync(folder).map((file) => new File([readFileSync(`${folder}/${file}`)], file)),
	};
}
const load = (name: string) => loadModel(ops, files(name), false, silent);
const adapt = (name: string, base: string) =>
	loadAdapted(ops, files(base), folderSources(`${cases}/adapters/${name}`), silent, null);

describe.skipIf(!existsSync(cases))('models whose files disagree', () => {
	test.each([
		['m-plain', []],
		['m-tied-two', [/a head of its own, which is used/]],
		['m-shards-stale', [/inv_freq.* The model does not need it/]],
	])('%s agrees with transformers, and says what it did', async (name, told) => {
		const model = await load(name);
		expect(model.summary.notes).toEqual(told.map((note): unknown => expect.stringMatching(note)));
		const reference = v.parse(ReferenceSchema, readJsonFile(`${cases}/models/${name}/golden.json`));
		const { rows } = await verify(ops, model.decoder, reference);
		expect(rows.filter(({ passed }) => !passed)).toEqual([]);
		model.release();
		expect(ops.memory().tensors, 'tensors left over').toBe(0);
	});

	test('a merged export in the folder of its tied base has its own head', async () => {
		const path = '../shared/data/nusax/mt/test.csv';
		const { rows } = await readTable(new File([readFileSync(path)], 'test.csv'));
		const texts = rows.slice(0, 5).map((row) => row['english'] as string);
		const model = await load('m-merged');
		const loss = await measureTextLoss(
			languageModel(ops, model, silent),
			model.needTokenizer(),
			{ language: 'english', texts },
			silent,
		);
		expect(loss.mean).toBeCloseTo(5.344, 4);
		model.release();
	});

	test('m-rope-both is refused for what rope_scaling asks', async () => {
		await expect(load('m-rope-both')).rejects.toThrow(
			/rope type "linear" in "rope_scaling" is not supported/,
		);
	});

	test('g-genconfig ends at the token that only its generation config names', async () => {
		const model = await load('g-genconfig');
		const prompt = model.needTokenizer().encode(',', { special: true });
		const { eosTokenIds: stopIds } = model.decoder.config;
		const options = { maximumTokens: 80, temperature: 0, topP: 1, seed: 0, stopIds };
		const made: number[] = [];
		for await (const id of generate(ops, model.decoder, prompt, options)) made.push(id);
		expect(made).toEqual([268, 256, 111, 253, 253, 253, 253, 240]);
		model.release();
	});
});

describe.skipIf(!existsSync(cases))('adapters', () => {
	test.each([
		['p-regex', 'm-plain'],
		['p-tied-embed-tying', 'm-tied'],
	])('%s agrees with PEFT', async (name, base) => {
		const model = await adapt(name, base);
		const reference = v.parse(
			AdapterReferenceSchema,
			readJsonFile(`${cases}/adapters/${name}/ref.json`),
		);
		const { rows } = await verifyAdapter(ops, model.decoder, reference);
		expect(rows.filter(({ passed }) => !passed)).toEqual([]);
		model.release();
		expect(ops.memory().tensors, 'tensors left over').toBe(0);
	});

	test.each([
		['p-pissa', /"init_lora_weights": "pissa" is not supported/],
		['p-alora', /"alora_invocation_tokens": \[5,6\] is not supported/],
		['p-lmhead', /"target_modules" adapts "lm_head"; here adapters go on q_proj/],
	])('%s is refused by name, and nothing is left on the device', async (name, message) => {
		await expect(adapt(name, 'm-plain')).rejects.toThrow(message);
		expect(ops.memory().tensors).toBe(0);
	});
});
