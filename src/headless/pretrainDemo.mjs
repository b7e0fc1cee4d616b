/** `lab pretrain-demo`: trains the demo's base model from random weights and writes its folder. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { download, print, trainModel, withLab } from './drive.mjs';
import { projectRoot } from './install.mjs';
import { trainSummary } from './print.mjs';
import { withTypeScript } from './typescript.mjs';

/** Updates between the losses of the log. */
const logEvery = 25;

const toJson = (value) => `${JSON.stringify(value, null, '\t')}\n`;

/** Writes random weights, tokenizer and corpus into `folder`; resolves with the recipe and the JSON files' names. */
function writeStart(folder, corpusFile, steps) {
	return withTypeScript(async (load) => {
		const { pretrainingRun, pretrainingSteps, seeds } = await load('/src/demo/recipe.ts');
		const pretraining = await load('/src/demo/pretraining.ts');
		const updates = steps ?? pretrainingSteps;
		const json = pretraining.folderJson();
		for (const [name, value] of Object.entries(json))
			writeFileSync(join(folder, name), toJson(value));
		const weights = Buffer.concat(pretraining.initialSafetensors());
		writeFileSync(join(folder, 'model.safetensors'), weights);
		writeFileSync(corpusFile, pretraining.corpus(updates));
		return { recipe: { run: pretrainingRun(updates), seeds }, names: Object.keys(json) };
	});
}

function trainingLog(recipe, { losses, results, data, steps, seconds, environment }) {
	const isLogged = ({ step }) => step % logEvery === 0 || step === losses.length - 1;
	return {
		recipe,
		updates: steps,
		data,
		// Training loss before the update of that number, counted from 0.
		losses: losses.map((loss, step) => ({ step, loss: Number(loss.toFixed(4)) })).filter(isLogged),
		heldOut: results.map(({ weights, mean, count }) => ({ weights, loss: mean, tokens: count })),
		seconds: Math.round(seconds),
		environment,
	};
}

/** Pretrains in `steps` updates (the recipe's own where undefined) and fills `out`. An interrupted run writes nothing. */
export async function pretrainDemo({ steps, out, backend, json }) {
	const target = resolve(out ?? join(projectRoot, 'public/demo'));
	const temporary = mkdtempSync(join(tmpdir(), 'lab-demo-'));
	const model = join(temporary, 'demo-random');
	const data = join(temporary, 'corpus.jsonl');
	try {
		mkdirSync(model);
		console.error('Writing random weights and the corpus ...');
		const { recipe, names } = await writeStart(model, data, steps);
		await withLab({ backend }, async (lab, device) => {
			const result = await trainModel(lab, { model, data, changes: recipe.run });
			if (result.status !== 'finished')
				throw new Error(`stopped after ${result.steps} updates; nothing is written to ${target}`);
			mkdirSync(target, { recursive: true });
			// Every tensor was trained, so what the run changed is the whole model.
			await download(lab, result.run, join(target, 'model.safetensors'));
			for (const name of names) copyFileSync(join(model, name), join(target, name));
			const log = trainingLog(recipe, result);
			writeFileSync(join(target, 'training-log.json'), toJson(log));
			const text = `${trainSummary(result)}\nwritten to ${target}`;
			print(json, { device, out: target, ...log }, text);
		});
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
}
