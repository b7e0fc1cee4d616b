/** A LoRA run from its first update to PEFT's folder: resumed, restored, taken off, exported. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lora, Selection } from '../contract/spec.ts';
import { hiddenStates } from '../engine/model/decoder.ts';
import { releaseSequences, uploadSequences } from '../engine/model/sequences.ts';
import type { Ops } from '../engine/ops.ts';
import { tinyBlock } from '../engine/testing.ts';
import { createWasmOps } from '../engine/wasm/ops.ts';
import { openDatabase } from '../storage/database.ts';
import { deleteRun } from '../storage/runs.ts';
import { fitAdapter, readAdapter } from '../weights/adapter.ts';
import { wearAdapter } from './adapter.ts';
import { type LoadedModel, withBaseWeights } from './model.ts';
import { restoreWeights } from './run.ts';
import { exportRun } from './runExport.ts';
import { folderSources } from './testing.ts';
import { loadTinyModel, tinyJob, trainJob } from './testRun.ts';

const tune: Lora = {
	kind: 'lora',
	rank: 4,
	alpha: 8,
	scaling: 'rank-stabilised',
	dropout: 0.2,
	targets: ['q_proj', 'v_proj', 'down_proj'],
};
const selection: Selection = {
	method: 'layers',
	layers: [0, 3],
	embedding: true,
	head: false,
	finalNorm: true,
};

let ops: Ops;
let model: LoadedModel;
beforeAll(async () => {
	ops = await createWasmOps();
	model = await loadTinyModel(ops);
});
beforeEach(async () => {
	const db = await openDatabase();
	for (const id of await db.getAllKeys('runs')) await deleteRun(db, id);
	db.close();
});
afterAll(() => {
	model.release();
	expect(ops.memory().tensors, 'tensors left over').toBe(0);
	ops.dispose();
});

const job = () => tinyJob(model, { tune, selection });

/** Last hidden states of a fixed batch on the present weights. */
async function outputs(): Promise<Float32Array> {
	const { inputIds, sequenceLength } = tinyBlock(2);
	const sequences = uploadSequences(ops, inputIds, 2, sequenceLength);
	const x = await hiddenStates(ops, model.decoder, sequences);
	const values = await ops.read(x);
	ops.release(x);
	releaseSequences(ops, sequences);
	return values;
}

test('a receipt shows adapters and whole matrices changed, and every weight under them as it was', async () => {
	const { outcome, losses } = await trainJob(ops, model, await job());
	expect(losses).toHaveLength(6);
	const { tensors, frozenUnchanged } = outcome.receipt;
	expect(frozenUnchanged).toBe(true);
	const changed = tensors.filter(({ before, after }) => before !== after).map(({ name }) => name);
	expect(changed).toHaveLength(2 * 3 * 2 + 2);
	expect(changed.filter((name) => !name.includes('lora_'))).toEqual([
		'model.embed_tokens.weight',
		'model.norm.weight',
	]);
	expect(changed).toContain('model.layers.3.mlp.down_proj.lora_A.weight');
	expect(tensors.filter(({ trainable }) => trainable).map(({ name }) => name)).toEqual(changed);
	const b = tensors.find(({ name }) => name.endsWith('0.mlp.down_proj.lora_B.weight'));
	expect(b).toMatchObject({ norm: 0 });
	expect(b?.change).toBeGreaterThan(0);
});

test('stopped and continued equals uninterrupted, bit for bit', async () => {
	const whole = await trainJob(ops, model, await job());
	const expected = await outputs();
	await deleteRun(await openDatabase(), whole.outcome.runId);
	const first = await trainJob(ops, model, await job(), (event, gate) => {
		if (event.kind === 'step' && event.step === 2) gate.stop();
	});
	expect(first.outcome).toMatchObject({ status: 'stopped', steps: 3 });
	await model.reset();
	const rest = await trainJob(ops, model, await job());
	expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
	expect(await outputs()).toEqual(expected);
});

test('base weights are those without adapters; a reset takes them away, restoring puts them on', async () => {
	await model.reset();
	const base = await outputs();
	const { outcome } = await trainJob(ops, model, await job());
	const current = await outputs();
	expect(current).not.toEqual(base);
	expect(await withBaseWeights(ops, model, outputs)).toEqual(base);
	expect(await outputs()).toEqual(current);
	const held = ops.memory().tensors;
	await model.reset();
	expect(await outputs()).toEqual(base);
	expect(held - ops.memory().tensors).toBe(2 * 3 * 2 + 1);
	await restoreWeights(ops, model, await openDatabase(), outcome.runId);
	expect(await outputs()).toEqual(current);
	// A run in full after it has no adapters.
	const full = await trainJob(ops, model, await tinyJob(model, { selection, steps: 1 }));
	expect(full.outcome.receipt.tensors.some(({ name }) => name.includes('lora_'))).toBe(false);
});

test("what is exported is a folder in PEFT's format that computes the same when it is put on", async () => {
	const { outcome } = await trainJob(ops, model, await job());
	const current = await outputs();
	const file = await exportRun(await openDatabase(), outcome.runId);
	expect(file.name).toBe(`${outcome.runId}.tar`);
	const folder = mkdtempSync(join(tmpdir(), 'adapter-'));
	writeFileSync(join(folder, file.name), new Uint8Array(await file.arrayBuffer()));
	execFileSync('tar', ['xf', file.name], { cwd: folder });
	const sources = folderSources(join(folder, outcome.runId));
	rmSync(folder, { recursive: true });
	expect(sources.map(({ name }) => name).sort()).toEqual([
		'adapter_config.json',
		'adapter_model.safetensors',
	]);
	const text = async (name: string) => {
		const source = sources.find((other) => other.name === name)!;
		return new TextDecoder().decode(await source.read(0, source.size));
	};
	expect(JSON.parse(await text('adapter_config.json'))).toMatchObject({
		peft_type: 'LORA',
		base_model_name_or_path: 'tiny',
		r: 4,
		lora_alpha: 8,
		lora_dropout: 0.2,
		use_rslora: true,
		target_modules: ['q_proj', 'v_proj', 'down_proj'],
		layers_to_transform: [0, 3],
		modules_to_save: ['embed_tokens', 'model.norm'],
	});
	expect(await text('adapter_model.safetensors')).toContain(
		'"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight":{"dtype":"F32","shape":[4,32]',
	);
	await model.reset();
	const adapter = await fitAdapter(await readAdapter(sources), model.shapes);
	await wearAdapter(ops, model, adapter);
	expect(await outputs()).toEqual(current);
});
