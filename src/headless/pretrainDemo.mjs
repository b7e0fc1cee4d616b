/** `lab pretrain-demo`: trains the demo's base model from random weights and writes its folder. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { download, print, trainModel, withLab } from './drive.mjs';
import { projectRoot } from './install.mjs';
import { trainSummary } from './print.mjs';
import { withTypeScript } from './typescript.mjs';

/** Updates between the losses of the log. */
const logEvery = 25;

const toJson = (value) => `${JSON.stringify(value, null, '\t')}\n`;

const weightsFile = 'model.safetensors';

/** Writes tokenizer, random weights and the corpora into `folder`; resolves with phases and the JSON files' names. */
function writeStart(folder, corpusFile, steps) {
	return withTypeScript(async (load) => {
		const { pretrainingRun, pretrainingPhases, seeds } = await load('/src/demo/recipe.ts');
		const pretraining = await load('/src/demo/pretraining.ts');
		const json = pretraining.folderJson();
		for (const [name, value] of Object.entries(json))
			writeFileSync(join(folder, name), toJson(value));
		const weights = Buffer.concat(pretraining.initialSafetensors());
		writeFileSync(join(folder, weightsFile), weights);
		const all = pretrainingPhases.reduce((sum, phase) => sum + phase.steps, 0);
		const phases = pretrainingPhases.map((phase, index) => {
			const updates = Math.max(1, Math.round((phase.steps * (steps ?? all)) / all));
			const corpus = corpusFile(index);
			writeFileSync(corpus, pretraining.corpus(index, updates));
			return { corpus, mix: phase.mix, run: pretrainingRun(index, updates) };
		});
		return { phases, seeds, names: Object.keys(json) };
	});
}

/** A weight file in bf16. */
function rounded(path) {
	return withTypeScript(async (load) => {
		const { shippedSafetensors } = await load('/src/demo/pretraining.ts');
		return Buffer.concat(await shippedSafetensors(readFileSync(path)));
	});
}

function phaseLog({ mix, run }, { losses, results, data, steps, seconds, environment }) {
	const isLogged = ({ step }) => step % logEvery === 0 || step === losses.length - 1;
	return {
		mix,
		run,
		updates: steps,
		data,
		// Training loss before the update of that number, counted from 0.
		losses: losses.map((loss, step) => ({ step, loss: Number(loss.toFixed(4)) })).filter(isLogged),
		heldOut: results.map(({ weights, mean, count }) => ({ weights, loss: mean, tokens: count })),
		seconds: Math.round(seconds),
		environment,
	};
}

/**
 * Pretrains in `steps` updates (the recipe's own where undefined), phase after phase, and fills `out`. An interrupted
 * run writes nothing.
 */
export async function pretrainDemo({ steps, out, backend, json }) {
	const target = resolve(out ?? join(projectRoot, 'public/demo'));
	const temporary = mkdtempSync(join(tmpdir(), 'lab-demo-'));
	const model = join(temporary, 'demo-base');
	try {
		mkdirSync(model);
		console.error('Writing random weights and the corpora ...');
		const corpusFile = (phase) => join(temporary, `corpus-${phase + 1}.jsonl`);
		const { phases, seeds, names } = await writeStart(model, corpusFile, steps);
		await withLab({ backend }, async (lab, device) => {
			const logs = [];
			const summaries = [];
			for (const phase of phases) {
				const result = await trainModel(lab, { model, data: phase.corpus, changes: phase.run });
				if (result.status !== 'finished')
					throw new Error(`stopped after ${result.steps} updates; nothing is written to ${target}`);
				// Every tensor was trained, so what the run changed is the whole model: the next phase begins with it.
				await download(lab, result.run, join(model, weightsFile));
				logs.push(phaseLog(phase, result));
				summaries.push(trainSummary(result));
			}
			mkdirSync(target, { recursive: true });
			for (const name of names) copyFileSync(join(model, name), join(target, name));
			writeFileSync(join(target, weightsFile), await rounded(join(model, weightsFile)));
			const log = { seeds, phases: logs };
			writeFileSync(join(target, 'training-log.json'), toJson(log));
			print(json, { device, out: target, ...log }, `${summaries.join('\n')}\nwritten to ${target}`);
		});
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
}
